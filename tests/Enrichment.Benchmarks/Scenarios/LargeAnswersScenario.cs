using System.CommandLine;
using System.Text;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>Large answers that come at once: the memory that a host takes until they are written, at default options.</summary>
internal sealed class LargeAnswersScenario : Scenario
{
    private const string Pipeline = "large";

    private readonly Option<int> answers = new("--answers")
    {
        Description = "How many items, an answer each.",
        DefaultValueFactory = _ => 1000,
    };
    private readonly Option<int> bytes = new("--bytes") { Description = "How large an answer is.", DefaultValueFactory = _ => 1_000_000 };
    private readonly Option<double> seconds = new("--seconds")
    {
        Description = "How long the vendor takes.",
        DefaultValueFactory = _ => 0.1,
    };

    public LargeAnswersScenario()
        : base(
            "large-answers",
            "Large answers at once, of a pure step and of one with effects outside, on both stores: peak memory, and how many are stored.")
    {
        Options.Add(answers);
        Options.Add(bytes);
        Options.Add(seconds);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var (count, size, takes) = (parsed.GetValue(answers), parsed.GetValue(bytes), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
        var report = new Report(Name, server.Settings)
        {
            ["answers"] = count,
            ["answer_bytes"] = size,
            ["vendor_seconds"] = takes.TotalSeconds,
        };
        foreach (var store in new[] { "postgresql", "sqlite" })
        {
            var columns = new List<(string, Figures)>();
            await MeasureAsync(server, store, "bench.slow", 10, new(1000), takes); // Once unmeasured: code compiled.
            foreach (var (name, step) in new[] { ("pure", "bench.large"), ("outside", "bench.slow") })
            {
                var figures = await MeasureAsync(server, store, step, count, new(size), takes);
                report[$"{store}_{name}_peak_memory_mb"] = double.Round(figures["peak_memory_mb"], 1);
                columns.Add((name, figures));
            }

            Report.Show($"{count} answers of {size:#,0} bytes, {store}", columns);
        }

        report.Write(json);
    }

    private static async Task<Figures> MeasureAsync(
        BenchServer server,
        string store,
        string step,
        int count,
        LargeAnswer answer,
        TimeSpan takes)
    {
        var vendor = new SlowVendor(takes, answer.Make);
        var folder = Directory.CreateTempSubdirectory("enrichment-bench-");
        try
        {
            await using var database = await server.CreateAsync();
            await using var engine = EnrichmentEngine.Create(e =>
            {
                e.Services.AddSingleton(vendor).AddSingleton(answer);
                (store == "sqlite" ? e.UseSqlite(Path.Combine(folder.FullName, "large.db")) : e.UsePostgreSql(database.ConnectionString))
                    .AddStep<LargePureStep>().AddStep<SlowVendorStep>().AddPipeline(Pipeline, p => p.Step(step));
                if (answer.Bytes > new WorkerOptions().MaxResultBytes)
                {
                    e.ConfigureWorker(new() { MaxResultBytes = answer.Bytes });
                }
            });
            await engine.MigrateAsync();
            var client = engine.Client(Subject.Client);
            var csv =
                "Company Name,Website\n" + string.Concat(Enumerable.Range(0, count).Select(row => $"Company {row},company-{row}.com\n"));
            var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "apollo_scrape");
            var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = Pipeline });

            GC.Collect();
            var meter = new Meter();
            await engine.RunUntilDrainedAsync();
            var process = meter.Stop();
            var progress = await client.GetProgressAsync(batch.Id);
            return new()
            {
                ["peak_memory_mb"] = process.PeakMemory / 1e6,
                ["stored"] = progress.Stages.Sum(stage => stage.Completed),
                ["seconds"] = process.Elapsed.TotalSeconds,
                ["most_calls_in_flight"] = vendor.Most,
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
