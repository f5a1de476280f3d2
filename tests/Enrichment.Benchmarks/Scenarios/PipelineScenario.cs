using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Npgsql;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>W(N, 3) from the first claim to the last commit, beside P0b and the engine's own writes, interleaved in one run.</summary>
internal sealed class PipelineScenario : Scenario
{
    // Once unmeasured, and long enough that the code is compiled for good: in a short run the compiler takes as much of the processors as
    // the engine does.
    public const int WarmUp = 30_000;

    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };
    private readonly Option<string> effects = new("--effects")
    {
        Description = "pure, outside or both.",
        DefaultValueFactory = _ => "both",
    };

    public PipelineScenario()
        : base(
            "pipeline",
            "Three no-op steps end to end, as pure steps and as steps with effects outside, beside P0b and the engine's own writes.")
    {
        effects.AcceptOnlyFromAmong("pure", "outside", "both");
        Options.Add(items);
        Options.Add(runs);
        Options.Add(effects);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        string[] kinds = parsed.GetValue(effects) == "both" ? [Subject.Pure, Subject.Outside] : [parsed.GetValue(effects)!];
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = size };
        var measured = kinds.ToDictionary(kind => kind, _ => new List<Figures>());
        foreach (var kind in kinds)
        {
            await MeasureEngineAsync(server, Math.Min(size, WarmUp), kind);
        }

        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            var p0b = await MeasureP0bAsync(server, size);
            foreach (var kind in kinds)
            {
                var engine = await MeasureEngineAsync(server, size, kind);
                var own = await MeasureOwnWritesAsync(server, size, kind);
                var figures = new Figures
                {
                    ["ratio_to_p0b"] = engine["transitions_per_second"] / p0b,
                    ["ratio_to_own_writes"] = engine["transitions_per_second"] / own,
                };
                figures.AddRange(engine);
                figures["p0b_transitions_per_second"] = p0b;
                figures["own_writes_transitions_per_second"] = own;
                measured[kind].Add(figures);
            }
        }

        var check = await Reference.RunP0c2Async(server, 100_000, seconds: 5);
        var slowest = measured.Values.SelectMany(list => list).Min(figures => figures["p0b_transitions_per_second"]);
        report["p0c2_transitions_per_second"] = check;
        report["p0b_to_p0c2"] = slowest / check;
        foreach (var kind in kinds)
        {
            var median = Figures.Median(measured[kind]);
            Report.Show(
                $"{kind} steps, {size:#,0} items",
                [("median", median), .. measured[kind].Select((figures, i) => ($"run {i + 1}", figures))]);
            var array = new JsonArray([.. measured[kind].Select(figures => figures.ToJson())]);
            if (kind == kinds[0])
            {
                report.Add(median);
                report["runs"] = array;
            }
            else
            {
                var nested = median.ToJson();
                nested["runs"] = array;
                report[kind] = nested;
            }
        }

        Console.WriteLine($"P0b / P0c-2: {slowest / check:0.0} (P0c-2 {check:#,0} transitions/s; a run is void below 5)");
        report["void"] = slowest < 5 * check;
        report.Write(json);
    }

    /// <summary>One run of the engine in a database of its own.</summary>
    public static async Task<Figures> MeasureEngineAsync(BenchServer server, int size, string kind)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, size);
        var launched = Stopwatch.GetTimestamp();
        var batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = kind });
        var launch = Stopwatch.GetElapsedTime(launched).TotalSeconds;
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        await engine.RunUntilDrainedAsync();
        var process = meter.Stop();
        await Subject.VerifyAsync(engine, batch, size);
        var connections = await database.ScalarAsync<long>($"select count(*) - 1 from pg_stat_activity where datname = '{database.Name}'");
        var ended = await engine.Client(Subject.Client).GetBatchAsync(batch.Id);
        await engine.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var server_ = await server.ReadAsync(database) - before;
        var transitions = size * 3.0;
        var seconds = (ended.CompletedAt!.Value - ended.StartedAt!.Value).TotalSeconds;
        return new()
        {
            ["transitions_per_second"] = transitions / seconds,
            ["items_per_second"] = size / seconds,
            ["wal_bytes_per_transition"] = server_.WalBytes / transitions,
            ["commits_per_transition"] = server_.Commits / transitions,
            ["engine_cpu_ms_per_transition"] = process.Cpu.TotalMilliseconds / transitions,
            ["postgres_cpu_ms_per_transition"] = server_.Cpu.TotalMilliseconds / transitions,
            ["allocated_bytes_per_transition"] = process.Allocated / transitions,
            ["peak_memory_mb"] = process.PeakMemory / 1e6,
            ["connections"] = connections,
            ["database_bytes_per_item"] = (double)(before.DatabaseBytes + server_.DatabaseBytes) / size,
            ["seconds"] = seconds,
            ["launch_seconds"] = launch,
            ["seconds_with_start_and_end"] = process.Elapsed.TotalSeconds,
        };
    }

    private static async Task<double> MeasureP0bAsync(BenchServer server, int size)
    {
        await using var database = await server.CreateAsync();
        await Reference.PrepareP0bAsync(database, size);
        await server.CheckpointAsync();
        var started = Stopwatch.GetTimestamp();
        await Reference.RunP0bAsync(database, size);
        return size * 3 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<double> MeasureOwnWritesAsync(BenchServer server, int size, string kind)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, size);
        var batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = kind });
        await server.CheckpointAsync();
        var started = Stopwatch.GetTimestamp();
        await Reference.RunOwnWritesAsync(database, batch.Key, size, outside: kind == Subject.Outside);
        return size * 3 / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
