using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// Small batches launched evenly at a share of the rate at which such batches can be launched and worked on without end: how long a state
/// that is due waits until its step is called.
/// </summary>
internal sealed class TrickleScenario : Scenario
{
    private const string Timed = "timed";
    private const int UploadRows = 100_000;
    private const int Launchers = 4;

    private readonly Option<int[]> shares = new("--shares")
    {
        Description = "Percent of the maximum rate, one or more.",
        DefaultValueFactory = _ => [1, 50, 90],
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int> seconds = new("--seconds") { Description = "How long each share is held.", DefaultValueFactory = _ => 30 };
    private readonly Option<int> rows = new("--rows") { Description = "Rows of a batch.", DefaultValueFactory = _ => 100 };
    private readonly Option<double?> maximum = new("--maximum")
    {
        Description =
            "Transitions a second that count as the maximum; without it as many batches as --items make, launched without a pause, tell.",
    };
    private readonly Option<int> items = new("--items")
    {
        Description = "Items of the batches that tell the maximum, and of the one large batch beside them.",
        DefaultValueFactory = _ => 100_000,
    };

    public TrickleScenario()
        : base("trickle", "Small batches at a steady share of the maximum rate: the time from due to started.")
    {
        Options.Add(shares);
        Options.Add(seconds);
        Options.Add(rows);
        Options.Add(maximum);
        Options.Add(items);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings)
        {
            ["rows_per_batch"] = parsed.GetValue(rows),
            ["seconds_per_share"] = parsed.GetValue(seconds),
        };
        var size = parsed.GetValue(rows);
        await MeasureOneBatchAsync(server, parsed.GetValue(items)); // Once unmeasured: code compiled, files there.
        report["one_batch_transitions_per_second"] = double.Round(await MeasureOneBatchAsync(server, parsed.GetValue(items)));
        var most =
            parsed.GetValue(maximum)
            ?? (await MeasureAsync(server, TimeSpan.Zero, size, parsed.GetValue(items) / size))["done_transitions_per_second"];
        report["maximum_transitions_per_second"] = double.Round(most);
        var columns = new List<(string, Figures)>();
        var nested = new JsonObject();
        foreach (var share in parsed.GetValue(shares)!)
        {
            var interval = TimeSpan.FromSeconds(3 * size / (most * share / 100));
            var figures = await MeasureAsync(server, interval, size, (int)(TimeSpan.FromSeconds(parsed.GetValue(seconds)) / interval));
            columns.Add((string.Create(CultureInfo.InvariantCulture, $"{share} %"), figures));
            report[$"due_to_started_p50_ms_at_{share}"] = double.Round(figures["due_to_started_p50_ms"], 3);
            report[$"due_to_started_p99_ms_at_{share}"] = double.Round(figures["due_to_started_p99_ms"], 3);
            nested[share.ToString(CultureInfo.InvariantCulture)] = figures.ToJson();
        }

        report["shares"] = nested;
        Report.Show($"From due to started, by share of {most:#,0} transitions/s", columns);
        report.Write(json);
    }

    private static async Task<double> MeasureOneBatchAsync(BenchServer server, int size)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var batch = await EngineRun.LaunchAsync(engine, size);
        return (await EngineRun.MeasureAsync(server, database, engine, batch))["transitions_per_second"];
    }

    private static async Task<Figures> MeasureAsync(BenchServer server, TimeSpan interval, int size, int count)
    {
        var log = new StartLog();
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString, e =>
        {
            e.Services.AddSingleton(log);
            e.AddStep<FirstTimedStep>().AddStep<SecondTimedStep>().AddStep<ThirdTimedStep>()
                .AddPipeline(Timed, p => p.Step("bench.timed.one").Step("bench.timed.two").Step("bench.timed.three"));
        });
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, UploadRows);
        await server.CheckpointAsync();
        var meter = new Meter();
        List<Launch> launches = [];
        await EngineRun.WorkUntilAsync(engine, async () =>
        {
            if (launches.Count == 0)
            {
                launches = await LaunchAsync(engine.Client(Subject.Client), upload, interval, size, count);
            }

            return !await engine.Store.HasOpenWorkAsync([], [], CancellationToken.None);
        });
        var process = meter.Stop();
        // The first tenth, while plans and connections are made, is no steady state.
        var steady = launches.Skip(launches.Count / 10).ToList();
        var delays = await log.DelaysAsync(database, [.. steady.Select(launch => launch.Batch)]);
        var all = delays.SelectMany(stage => stage).ToList();
        var figures = new Figures
        {
            ["due_to_started_p50_ms"] = Percentile.Of(all, 50),
            ["due_to_started_p99_ms"] = Percentile.Of(all, 99),
            ["due_to_started_max_ms"] = all.Max(),
        };
        foreach (var stage in delays.OrderBy(stage => stage.Key))
        {
            figures[$"stage_{stage.Key}_p50_ms"] = Percentile.Of(stage, 50);
            figures[$"stage_{stage.Key}_p99_ms"] = Percentile.Of(stage, 99);
        }

        figures["launch_p50_ms"] = Percentile.Of(steady.Select(launch => launch.Took.TotalMilliseconds), 50);
        figures["launch_p99_ms"] = Percentile.Of(steady.Select(launch => launch.Took.TotalMilliseconds), 99);
        figures["launched_late_p99_ms"] = Percentile.Of(steady.Select(launch => launch.Late.TotalMilliseconds), 99);
        figures["batches_per_second"] = 1 / interval.TotalSeconds;
        figures["offered_transitions_per_second"] = 3 * size / interval.TotalSeconds;
        figures["done_transitions_per_second"] = launches.Count * size * 3 / process.Elapsed.TotalSeconds;
        figures["engine_cpu_share"] = process.Cpu / process.Elapsed;
        return figures;
    }

    /// <summary>Launches batches evenly, however long one launch takes, from a few tasks at once.</summary>
    private static async Task<List<Launch>> LaunchAsync(EnrichmentClient client, Upload upload, TimeSpan interval, int size, int count)
    {
        var launches = new Launch[count];
        var started = Stopwatch.GetTimestamp();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Launchers).Select(_ => Task.Run(async () =>
        {
            int number;
            while ((number = Interlocked.Increment(ref next)) < launches.Length)
            {
                var wait = (number * interval) - Stopwatch.GetElapsedTime(started);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, TimeProvider.System);
                }

                            var begun = Stopwatch.GetTimestamp();
                            var late = Stopwatch.GetElapsedTime(started, begun) - (number * interval);
                            var batch = await client.LaunchAsync(
                                upload.Id,
                                new()
                                {
                                    Pipeline = Timed,
                                    Rows = [.. Enumerable.Range(1 + (number * size % (UploadRows - size + 1)), size)],
                                });
                            launches[number] = new(batch, late, Stopwatch.GetElapsedTime(begun));
                        }
                    })));
        return [.. launches];
    }

    private sealed record Launch(Batch Batch, TimeSpan Late, TimeSpan Took);
}
