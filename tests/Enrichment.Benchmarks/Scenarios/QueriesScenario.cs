using System.CommandLine;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A typed table of 42 columns: asked for pages, counts and facets, and exported as a whole.</summary>
internal sealed class QueriesScenario : Scenario
{
    private const int WarmUp = 4_000;

    private readonly Option<int> items = new("--items") { Description = "How many rows.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs") { Description = "How many runs; the median is reported.", DefaultValueFactory = _ => 1 };
    private readonly Option<string> store = new("--store") { Description = "postgresql or sqlite.", DefaultValueFactory = _ => "postgresql" };
    private readonly Option<string> part = new("--part") { Description = "ask, export or all.", DefaultValueFactory = _ => "all" };

    public QueriesScenario()
        : base("queries", "A typed table of 42 columns: pages, counts, facets and a search of it, and exports in each format.")
    {
        store.AcceptOnlyFromAmong("postgresql", "sqlite");
        part.AcceptOnlyFromAmong("ask", "export", "all");
        Options.Add(part);
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
        report.Add($"queries on {parsed.GetValue(store)}, {size:#,0} rows", await MeasureAsync(size, parsed.GetValue(runs)));
        report.Write(json);

        async Task<List<Figures>> MeasureAsync(int rows, int times)
        {
            await using var leads = server is null ? await LeadStore.CreateAsync(rows) : await LeadStore.CreateAsync(server, null, rows);
            await using var engine = await leads.OpenAsync(builder => builder.AddProjection(LeadTables.Asked));
            var client = engine.Client(Subject.Client);
            await client.ConsolidateAsync(LeadTables.Asked.Name, leads.Batch.Id);
            await leads.SettleAsync();
            var query = client.Query(LeadTables.Asked.Name);
            var measured = new List<Figures>();
            for (var run = 0; run < times; run++)
            {
                measured.Add([
                    .. parsed.GetValue(part) == "export" ? [] : await TableQueries.MeasureAsync(query, rows),
                    .. parsed.GetValue(part) == "ask" ? [] : await TableExports.MeasureAsync(query, rows),
                ]);
            }

            return measured;
        }
    }
}
