using System.CommandLine;
using System.Text;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// A vendor that takes its time: how much longer the same calls take when they lie in many ranges, as requests for entities and small
/// batches do.
/// </summary>
internal sealed class SlowVendorScenario : Scenario
{
    private const string Pipeline = "slow";

    private readonly Option<int> calls = new("--calls")
    {
        Description = "Calls to the vendor, one for each row.",
        DefaultValueFactory = _ => 120,
    };
    private readonly Option<double> seconds = new("--seconds") { Description = "How long the vendor takes.", DefaultValueFactory = _ => 3 };
    private readonly Option<int> rows = new("--rows") { Description = "Rows of a small batch.", DefaultValueFactory = _ => 2 };

    public SlowVendorScenario()
        : base(
            "slow-vendor",
            "The calls of one batch beside the same with an entity, and in many small batches: ratios of times, on both stores.")
    {
        Options.Add(calls);
        Options.Add(seconds);
        Options.Add(rows);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings)
        {
            ["calls"] = parsed.GetValue(calls),
            ["vendor_seconds"] = parsed.GetValue(seconds),
            ["rows_of_small_batch"] = parsed.GetValue(rows),
        };
        var (count, takes, size) = (parsed.GetValue(calls), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rows));
        foreach (var store in new[] { "postgresql", "sqlite" })
        {
            var columns = new List<(string, Figures)>();
            await MeasureAsync(server, store, "bench.slow", 10, 10, TimeSpan.Zero); // Once unmeasured: code compiled, files there.
            var plain = await MeasureAsync(server, store, "bench.slow", count, count, takes);
            columns.Add(("one batch", plain));
            foreach (var (name, step, each) in new[] { ("entity", "bench.slow.company", count), ("small batches", "bench.slow", size) })
            {
                var figures = await MeasureAsync(server, store, step, count, each, takes);
                figures["ratio"] = figures["seconds"] / plain["seconds"];
                report[$"{store}_{name.Replace(' ', '_')}_ratio"] = double.Round(figures["ratio"], 3);
                columns.Add((name, figures));
            }

            Report.Show($"{count} calls of {takes.TotalSeconds:0.#} s, {store}", columns);
        }

        report.Write(json);
    }

    private static async Task<Figures> MeasureAsync(BenchServer server, string store, string step, int count, int size, TimeSpan takes)
    {
        var vendor = new SlowVendor(takes, () => StepOutcome.Completed("company.size", "12"));
        await using var database = await server.CreateAsync();
        await using var engine = EnrichmentEngine.Create(e =>
        {
            e.Services.AddSingleton(vendor);
            (store == "sqlite" ? e.UseSqlite(":memory:") : e.UsePostgreSql(database.ConnectionString))
                .AddStep<SlowVendorStep>().AddStep<SlowCompanyStep>().AddPipeline(Pipeline, p => p.Step(step));
        });
        await engine.MigrateAsync();
        var client = engine.Client(Subject.Client);
        for (var first = 0; first < count; first += size)
        {
            var csv =
                "Company Name,Website\n" + string.Concat(Enumerable.Range(first, size).Select(row => $"Company {row},company-{row}.com\n"));
            var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "apollo_scrape");
            await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = Pipeline });
        }

        var meter = new Meter();
        await engine.RunUntilDrainedAsync();
        var process = meter.Stop();
        return new() { ["seconds"] = process.Elapsed.TotalSeconds, ["most_calls_in_flight"] = vendor.Most };
    }
}
