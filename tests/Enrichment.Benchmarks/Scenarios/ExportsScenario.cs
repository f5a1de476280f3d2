using System.CommandLine;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation;
using Enrichment.Parquet;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A typed table of 40 columns, exported as a whole in each format.</summary>
internal sealed class ExportsScenario : Scenario
{
    private const int WarmUp = 4_000;

    private readonly Option<int> items = new("--items") { Description = "How many rows.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs") { Description = "How many runs; the median is reported.", DefaultValueFactory = _ => 1 };
    private readonly Option<string> store = new("--store") { Description = "postgresql or sqlite.", DefaultValueFactory = _ => "postgresql" };

    public ExportsScenario()
        : base("exports", "A typed table of 40 columns, exported in each format, sorted, and with its child rows.")
    {
        store.AcceptOnlyFromAmong("postgresql", "sqlite");
        Options.Add(items);
        Options.Add(runs);
        Options.Add(store);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        await using var server = parsed.GetValue(store) == "postgresql" ? await BenchServer.StartAsync() : null;
        var report = new Report(Name, server?.Settings ?? "SQLite, a file with the default options") { ["rows"] = size };
        await MeasureAsync(WarmUp, 1); // Once unmeasured: code compiled.
        report.Add($"exports on {parsed.GetValue(store)}, {size:#,0} rows", await MeasureAsync(size, parsed.GetValue(runs)));
        report.Write(json);

        async Task<List<Figures>> MeasureAsync(int rows, int times)
        {
            await using var leads = server is null ? await LeadStore.CreateAsync(rows) : await LeadStore.CreateAsync(server, null, rows);
            await using var engine = await leads.OpenAsync(builder => builder.AddProjection(LeadTables.ByItem));
            var client = engine.Client(Subject.Client);
            await client.ConsolidateAsync(LeadTables.ByItem.Name, leads.Batch.Id);
            await leads.SettleAsync();
            var measured = new List<Figures>();
            for (var run = 0; run < times; run++)
            {
                measured.Add(await ExportAsync(client.Query(LeadTables.ByItem.Name), rows));
            }

            return measured;
        }
    }

    private static async Task<Figures> ExportAsync(ProjectionQuery query, int rows)
    {
        var figures = new Figures();
        foreach (var (name, asked, options) in new (string, ProjectionQuery, ExportOptions)[]
        {
            ("csv", query, new()),
            ("csv_sorted", query.OrderBy(LeadTables.ByItem.ColumnNames[0]), new()),
            ("jsonl", query, new() { Format = new JsonLinesFormat() }),
            ("jsonl_with_children", query, new() { Format = new JsonLinesFormat(), Children = LeadTables.Children }),
            ("parquet", query, new() { Format = new ParquetFormat() }),
        })
        {
            var meter = new Meter();
            var export = await asked.ExportAsync(Stream.Null, options);
            var used = meter.Stop();
            if (export.Rows != rows)
            {
                throw new InvalidOperationException($"The run is void: {export.Rows} rows were exported.");
            }

            figures[$"{name}_rows_per_second"] = rows / used.Elapsed.TotalSeconds;
            figures[$"{name}_engine_cpu_us_per_row"] = used.Cpu.TotalMicroseconds / rows;
            figures[$"{name}_bytes_per_row"] = (double)export.Bytes / rows;
            figures[$"{name}_peak_memory_mb"] = used.PeakMemory / 1e6;
        }

        return figures;
    }
}
