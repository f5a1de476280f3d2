using System.CommandLine;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A batch in a typed table of 40 columns with four child tables: filled, changed, and made anew.</summary>
internal sealed class TablesScenario : Scenario
{
    private const int WarmUp = 4_000;

    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 20_000 };
    private readonly Option<int> runs = new("--runs") { Description = "How many runs; the median is reported.", DefaultValueFactory = _ => 1 };
    private readonly Option<string> store = new("--store") { Description = "postgresql or sqlite.", DefaultValueFactory = _ => "postgresql" };
    private readonly Option<int> latency = new("--latency")
    {
        Description = "Milliseconds by which a round trip between the engine and PostgreSQL is longer. The statement by hand is one anyway.",
    };

    private readonly Option<string> part = new("--part")
    {
        Description = "fill, change, work (of PostgreSQL) or all; each has a store of its own.",
        DefaultValueFactory = _ => "all",
    };

    private readonly Option<int> beside = new("--beside")
    {
        Description = "How many items the batch has that is worked on beside a change and beside a rebuild.",
        DefaultValueFactory = _ => 20_000,
    };

    public TablesScenario()
        : base(
            "tables",
            "A typed table of 40 columns with four child tables: beside the same by hand, after 1 % of the items changed, with another definition, and beside a batch that is worked on.")
    {
        part.AcceptOnlyFromAmong("fill", "change", "work", "all");
        Options.Add(part);
        Options.Add(beside);
        store.AcceptOnlyFromAmong("postgresql", "sqlite");
        Options.Add(items);
        Options.Add(runs);
        Options.Add(store);
        Options.Add(latency);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        var roundTrip = TimeSpan.FromMilliseconds(parsed.GetValue(latency));
        await using var server = parsed.GetValue(store) == "postgresql" ? await BenchServer.StartAsync() : null;
        await using var link = roundTrip > TimeSpan.Zero ? server?.Link(roundTrip) : null;
        var report = new Report(Name, server?.Settings ?? "SQLite, a file with the default options")
        {
            ["items"] = size,
            ["changed_items"] = size / TableFills.OneIn,
            ["items_beside"] = parsed.GetValue(beside),
            ["latency_ms"] = roundTrip.TotalMilliseconds,
        };
        await MeasureAsync(WarmUp, WarmUp); // Once unmeasured: code compiled.
        var measured = new List<Figures>();
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            measured.Add(await MeasureAsync(size, parsed.GetValue(beside)));
        }

        report.Add($"tables on {parsed.GetValue(store)}, {size:#,0} items", measured);
        report.Write(json);

        async Task<Figures> MeasureAsync(int items, int itemsBeside)
        {
            var figures = new Figures();
            foreach (var (name, measure) in new (string, Func<LeadStore, Task<Figures>>)[]
            {
                ("fill", TableFills.MeasureAsync),
                ("change", leads => TableChanges.MeasureAsync(leads, itemsBeside)),
                ("work", leads => WorkBesideRebuild.MeasureAsync(leads, itemsBeside)),
            })
            {
                if ((parsed.GetValue(part) == "all" || parsed.GetValue(part) == name) && (name != "work" || server is not null))
                {
                    await using var leads =
                        server is null ? await LeadStore.CreateAsync(items) : await LeadStore.CreateAsync(server, link, items);
                    figures.AddRange(await measure(leads));
                }
            }

            return figures;
        }
    }
}
