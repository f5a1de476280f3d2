using System.CommandLine;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>W(N, 3) by the engine and by its peers on one server, each peer between two runs of the engine.</summary>
internal sealed class PeersScenario : Scenario
{
    private readonly Option<int> items = new("--items")
    {
        Description = "How many items the engine does.",
        DefaultValueFactory = _ => 100_000,
    };
    private readonly Option<int?> peerItems = new("--peer-items")
    {
        Description = "How many items each peer does; left out, so many that it takes 30 to 60 seconds.",
    };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<int> limit = new("--limit")
    {
        Description = "Seconds that a peer may take for one run, its installation included; one that takes longer is killed and void.",
        DefaultValueFactory = _ => 300,
    };
    private readonly Option<string[]> names = new("--peer")
    {
        Description = "Only this peer. May be given several times.",
        DefaultValueFactory = _ => [.. Peer.All.Select(peer => peer.Name)],
    };

    public PeersScenario()
        : base(
            "peers",
            "Three no-op steps end to end by the engine and by other products on PostgreSQL, which tests/peers installs and runs.")
    {
        names.AcceptOnlyFromAmong([.. Peer.All.Select(peer => peer.Name)]);
        Options.Add(items);
        Options.Add(peerItems);
        Options.Add(runs);
        Options.Add(limit);
        Options.Add(names);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        var chosen = Peer
            .All.Where(peer => parsed.GetValue(names)!.Contains(peer.Name))
            .Select(peer => peer with { Items = parsed.GetValue(peerItems) ?? peer.Items })
            .ToList();
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = size };
        var measured = chosen.ToDictionary(peer => peer, _ => new List<Figures>());
        foreach (var kind in (string[])[Subject.Pure, Subject.Outside])
        {
            // Once unmeasured: code compiled, files there.
            await PipelineScenario.MeasureEngineAsync(server, Math.Min(size, PipelineScenario.WarmUp), kind);
        }

        var before = await MeasureEngineAsync(server, size);
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            foreach (var peer in chosen)
            {
                var (said, reason) = await TryPeerAsync(server, peer, TimeSpan.FromSeconds(parsed.GetValue(limit)));
                var after = await MeasureEngineAsync(server, size);
                if (said is not null)
                {
                    measured[peer].Add(Compare(before, after, said));
                    Console.WriteLine($"{peer.Name} {said["version"]}, {peer.Items:#,0} items: {said["setting"]}");
                    Report.Show($"{size:#,0} items by the engine beside", [(peer.Name, measured[peer][^1])]);
                }
                else
                {
                    Console.WriteLine($"{peer.Name} is void: {reason}");
                }

                report[peer.Name] = Describe(peer, measured[peer], said, reason);
                report.Write(json); // What is measured is kept, whatever the next peer does.
                before = after;
            }
        }

        var counted = chosen.Where(peer => measured[peer].Count > 0).ToList();
        if (counted.Count > 0)
        {
            Report.Show($"{size:#,0} items by the engine beside", [.. counted.Select(peer => (peer.Name, Figures.Median(measured[peer])))]);
        }
    }

    /// <summary>What a peer says of its run, beside its rate at a fifth of the items; or why there is nothing to say.</summary>
    private static async Task<(JsonObject? Said, string? Void)> TryPeerAsync(BenchServer server, Peer peer, TimeSpan limit)
    {
        try
        {
            var fifth = await MeasurePeerAsync(server, peer, Math.Max(peer.Items / 5, 1), limit);
            var full = await MeasurePeerAsync(server, peer, peer.Items, limit);
            full["transitions_per_second_of_a_fifth"] = fifth["transitions_per_second"]!.DeepClone();
            return (full, null);
        }
        catch (PeerVoidException exception)
        {
            return (null, exception.Message);
        }
    }

    private static async Task<JsonObject> MeasurePeerAsync(BenchServer server, Peer peer, int size, TimeSpan limit)
    {
        await using var database = await server.CreateAsync();
        await server.CheckpointAsync();
        return await peer.RunAsync(database, size, limit);
    }

    /// <summary>A peer's rate holds its enqueueing, so the engine's holds its launch.</summary>
    private static async Task<Figures> MeasureEngineAsync(BenchServer server, int size)
    {
        var pure = await PipelineScenario.MeasureEngineAsync(server, size, Subject.Pure);
        var outside = await PipelineScenario.MeasureEngineAsync(server, size, Subject.Outside);
        return new()
        {
            ["rate"] = WithLaunch(pure),
            ["rate_without_launch"] = pure["transitions_per_second"],
            ["rate_outside"] = WithLaunch(outside),
        };
    }

    private static Figures Compare(Figures before, Figures after, JsonObject said)
    {
        var rate = (double)said["transitions_per_second"]!;
        var engine = Figures.Median([before, after]);
        var figures = new Figures
        {
            ["ratio"] = engine["rate"] / rate,
            ["ratio_without_launch"] = engine["rate_without_launch"] / rate,
            ["ratio_outside"] = engine["rate_outside"] / rate,
            ["engine_before_transitions_per_second"] = before["rate"],
            ["engine_after_transitions_per_second"] = after["rate"],
        };
        foreach (
            var name in (string[])
                [
                    "transitions_per_second",
                    "transitions_per_second_of_a_fifth",
                    "enqueue_seconds",
                    "process_seconds",
                    "commits_per_transition",
                    "wal_bytes_per_transition",
                    "connections",
                ])
        {
            figures[name] = (double)said[name]!;
        }

        return figures;
    }

    private static JsonObject Describe(Peer peer, List<Figures> measured, JsonObject? said, string? reason)
    {
        var described = measured.Count > 0 ? Figures.Median(measured).ToJson() : [];
        described["version"] = said?["version"]?.DeepClone();
        described["setting"] = said?["setting"]?.DeepClone();
        described["peer_items"] = peer.Items;
        described["void"] = reason;
        described["runs"] = new JsonArray([.. measured.Select(figures => figures.ToJson())]);
        return described;
    }

    private static double WithLaunch(Figures engine) =>
        engine["transitions_per_second"] * engine["seconds"] / (engine["seconds"] + engine["launch_seconds"]);
}
