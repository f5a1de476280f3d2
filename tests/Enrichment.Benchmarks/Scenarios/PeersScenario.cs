using System.CommandLine;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>W(N, 3) by the engine and by its peers on one server, each peer right after a run of the engine.</summary>
internal sealed class PeersScenario : Scenario
{
    private readonly Option<int> items = new("--items") { Description = "How many items the engine does.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int?> peerItems = new("--peer-items") { Description = "How many items each peer does; left out, so many that it takes 30 to 60 seconds." };
    private readonly Option<int> runs = new("--runs") { Description = "How many interleaved runs; the median is reported.", DefaultValueFactory = _ => 1 };
    private readonly Option<string[]> names = new("--peer") { Description = "Only this peer. May be given several times.", DefaultValueFactory = _ => [.. Peer.All.Select(peer => peer.Name)] };

    public PeersScenario()
        : base("peers", "Three no-op steps end to end by the engine and by other products on PostgreSQL, which tests/peers installs and runs.")
    {
        names.AcceptOnlyFromAmong([.. Peer.All.Select(peer => peer.Name)]);
        Options.Add(items);
        Options.Add(peerItems);
        Options.Add(runs);
        Options.Add(names);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        var chosen = Peer.All.Where(peer => parsed.GetValue(names)!.Contains(peer.Name)).Select(peer => peer with { Items = parsed.GetValue(peerItems) ?? peer.Items }).ToList();
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = size };
        var measured = chosen.ToDictionary(peer => peer, _ => new List<Figures>());
        var said = new Dictionary<Peer, JsonObject>();
        await PipelineScenario.MeasureEngineAsync(server, Math.Min(size, 10_000), Subject.Pure); // Once unmeasured: code compiled, files there.
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            foreach (var peer in chosen)
            {
                var pure = await PipelineScenario.MeasureEngineAsync(server, size, Subject.Pure);
                var outside = await PipelineScenario.MeasureEngineAsync(server, size, Subject.Outside);
                var fifth = await MeasurePeerAsync(server, peer, Math.Max(peer.Items / 5, 1));
                said[peer] = await MeasurePeerAsync(server, peer, peer.Items);
                measured[peer].Add(Compare(pure, outside, fifth, said[peer]));
            }
        }

        foreach (var peer in chosen)
        {
            var median = Figures.Median(measured[peer]);
            var nested = median.ToJson();
            nested["version"] = said[peer]["version"]!.DeepClone();
            nested["setting"] = said[peer]["setting"]!.DeepClone();
            nested["peer_items"] = peer.Items;
            nested["runs"] = new JsonArray([.. measured[peer].Select(figures => figures.ToJson())]);
            report[peer.Name] = nested;
            Console.WriteLine($"{peer.Name} {said[peer]["version"]}, {peer.Items:#,0} items: {said[peer]["setting"]}");
        }

        Report.Show($"{size:#,0} items by the engine beside", [.. chosen.Select(peer => (peer.Name, Figures.Median(measured[peer])))]);
        report.Write(json);
    }

    private static async Task<JsonObject> MeasurePeerAsync(BenchServer server, Peer peer, int size)
    {
        await using var database = await server.CreateAsync();
        await server.CheckpointAsync();
        return await peer.RunAsync(database, size);
    }

    /// <summary>A peer's rate holds its enqueueing, so the engine's holds its launch.</summary>
    private static Figures Compare(Figures pure, Figures outside, JsonObject fifth, JsonObject full)
    {
        var rate = (double)full["transitions_per_second"]!;
        var figures = new Figures
        {
            ["ratio"] = WithLaunch(pure) / rate,
            ["ratio_without_launch"] = pure["transitions_per_second"] / rate,
            ["ratio_outside"] = WithLaunch(outside) / rate,
            ["engine_transitions_per_second"] = WithLaunch(pure),
            ["transitions_per_second"] = rate,
            ["transitions_per_second_of_a_fifth"] = (double)fifth["transitions_per_second"]!,
        };
        foreach (var name in (string[])["enqueue_seconds", "process_seconds", "commits_per_transition", "wal_bytes_per_transition", "connections"])
        {
            figures[name] = (double)full[name]!;
        }

        return figures;
    }

    private static double WithLaunch(Figures engine) => engine["transitions_per_second"] * engine["seconds"] / (engine["seconds"] + engine["launch_seconds"]);
}
