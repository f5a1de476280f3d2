using System.CommandLine;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Npgsql;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>What spoils the day, one case after the other, each beside the undisturbed engine in the same run.</summary>
internal sealed class AdverseScenario : Scenario
{
    private const string Flaky = "flaky";
    private const int SmallBatch = 10;
    private const int WaitingRows = 500_000; // Of each batch that waits.

    private readonly Option<string> which = new("--case")
    {
        Description = "held, client, failures, waiting or all.",
        DefaultValueFactory = _ => "all",
    };
    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };
    private readonly Option<int> waiting = new("--waiting")
    {
        Description = "Case waiting: how many rows wait for a date.",
        DefaultValueFactory = _ => 5_000_000,
    };
    private readonly Option<int> batches = new("--batches")
    {
        Description = "Case client: how many small batches in each run.",
        DefaultValueFactory = _ => 10,
    };

    public AdverseScenario()
        : base(
            "adverse",
            "A transaction held open, one client with nearly all of the backlog, failures with retries, rows that wait: beside the undisturbed engine.")
    {
        which.AcceptOnlyFromAmong("held", "client", "failures", "waiting", "all");
        Options.Add(which);
        Options.Add(items);
        Options.Add(runs);
        Options.Add(waiting);
        Options.Add(batches);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var size = parsed.GetValue(items);
        var report = new Report(Name, server.Settings) { ["items"] = size };
        await MeasureAsync(server, PipelineScenario.WarmUp);
        foreach (
            var name in parsed.GetValue(which) == "all" ? ["held", "client", "failures", "waiting"] : new[] { parsed.GetValue(which)! })
        {
            await using var crowd = name == "waiting" ? await CrowdAsync(server, parsed.GetValue(waiting)) : null;
            var measured = new List<Figures>();
            for (var run = 0; run < parsed.GetValue(runs); run++)
            {
                measured.Add(name switch
                {
                    "held" => await HeldAsync(server, size),
                    "client" => await ClientAsync(server, size, parsed.GetValue(batches)),
                    "failures" => await FailuresAsync(server, size),
                    _ => await WaitingAsync(server, size, crowd!),
                });
            }

            var median = Figures.Median(measured);
            Report.Show($"{name}, {size:#,0} items", [("median", median), .. measured.Select((figures, i) => ($"run {i + 1}", figures))]);
            var found = median.ToJson();
            found["runs"] = new JsonArray([.. measured.Select(figures => figures.ToJson())]);
            report[name] = found;
        }

        report.Write(json);
    }

    /// <summary>A transaction with a snapshot, open as long as the engine works: no dead row can be cleared away meanwhile.</summary>
    private static async Task<Figures> HeldAsync(BenchServer server, int size) =>
        Beside(
            await MeasureAsync(server, size),
            await MeasureAsync(
                server,
                size,
                disturb: async database =>
                {
                    var connection = new NpgsqlConnection(
                        new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false }.ConnectionString);
                    await connection.OpenAsync();
                    await using var command = new NpgsqlCommand(
                        "begin isolation level repeatable read; select count(*) from enrichment.batches",
                        connection);
                    await command.ExecuteScalarAsync();
                    return connection;
                }));

    /// <summary>Every second call fails once.</summary>
    private static async Task<Figures> FailuresAsync(BenchServer server, int size)
    {
        var figures = Beside(await MeasureAsync(server, size), await MeasureAsync(server, size, Flaky));
        figures["ratio_per_attempt"] = figures["ratio"] * Work.Flaky.CallsPerTransition;
        return figures;
    }

    /// <summary>The same tables hold many rows whose time has not come.</summary>
    private static async Task<Figures> WaitingAsync(BenchServer server, int size, BenchDatabase crowd)
    {
        var alone = await MeasureAsync(server, size);
        await using var database = await server.CloneAsync(crowd);
        return Beside(alone, await MeasureAsync(server, database, size));
    }

    /// <summary>
    /// Small batches of one client, one after the other: alone, then while the host has a large batch of another client to work on.
    /// </summary>
    private static async Task<Figures> ClientAsync(BenchServer server, int size, int count)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var few = await Subject.StageAsync(engine, SmallBatch, "small");
        var many = await Subject.StageAsync(engine, size, "large");
        var alone = new List<double>();
        var beside = new List<double>();
        await EngineRun.WorkUntilAsync(engine, async () =>
        {
            await RunSmallAsync(engine, database, few); // Once unmeasured: the connections are made.
            for (var i = 0; i < count; i++)
            {
                alone.Add(await RunSmallAsync(engine, database, few));
            }

            var large = await engine.Client("large").LaunchAsync(many.Id, new() { Pipeline = Subject.Pure });
            for (var i = 0; i < count; i++)
            {
                beside.Add(await RunSmallAsync(engine, database, few));
            }

            return await IsOpenAsync(engine, large) ? true : throw new InvalidOperationException("The run is void: the large batch had ended before the small ones. Give more --items, or fewer --batches.");
        });
        return new()
        {
            ["ratio"] = Percentile.Of(beside, 50) / Percentile.Of(alone, 50),
            ["beside_p50_ms"] = Percentile.Of(beside, 50),
            ["beside_max_ms"] = beside.Max(),
            ["alone_p50_ms"] = Percentile.Of(alone, 50),
            ["alone_max_ms"] = alone.Max(),
        };
    }

    /// <summary>
    /// From the call that launches a small batch to its last commit, in milliseconds by the clock that the database shares.
    /// </summary>
    private static async Task<double> RunSmallAsync(EnrichmentEngine engine, BenchDatabase database, Upload upload)
    {
        var begun = TimeProvider.System.GetUtcNow();
        var batch = await engine.Client("small").LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
        while (await IsOpenAsync(engine, batch))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        return (await EngineRun.EndOfAsync(database, batch) - begun).TotalMilliseconds;
    }

    private static async Task<bool> IsOpenAsync(EnrichmentEngine engine, Batch batch) =>
        (await engine.Store.ReadProgressAsync(batch.Key, CancellationToken.None)) is not { Count: 3 } stages
        || stages.Any(stage => stage.Completed != batch.Items);

    /// <summary>A database where many states wait for dates far ahead, as after a vendor's long outage.</summary>
    private static async Task<BenchDatabase> CrowdAsync(BenchServer server, int states)
    {
        var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var rows = Math.Min(WaitingRows, states);
        var upload = await Subject.StageAsync(engine, rows, "waiting");
        for (var launched = 0; launched + rows <= states; launched += rows)
        {
            await engine.Client("waiting").LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
        }

        await database.ExecuteAsync(
            """
            update enrichment.workflow_states set tries = 1, attempt = 1, waits = 1, due_at = clock_timestamp() + (1 + random()) * interval '1 day', error = 'The vendor answered 503.';
            update enrichment.ranges r set due_at = (select min(s.due_at) from enrichment.workflow_states s where s.bucket = r.bucket and s.batch = r.batch and s.stage = r.stage);
            update enrichment.batches set status = 1, started_at = clock_timestamp();
            """);
        await database.ExecuteAsync("vacuum analyze");
        return database;
    }

    private static Figures Beside(Figures undisturbed, Figures disturbed)
    {
        var figures = new Figures
        {
            ["ratio"] = disturbed["transitions_per_second"] / undisturbed["transitions_per_second"],
            ["undisturbed_transitions_per_second"] = undisturbed["transitions_per_second"],
        };
        figures.AddRange(disturbed);
        return figures;
    }

    private static async Task<Figures> MeasureAsync(
        BenchServer server,
        int size,
        string pipeline = Subject.Pure,
        Func<BenchDatabase, Task<IAsyncDisposable>>? disturb = null)
    {
        await using var database = await server.CreateAsync();
        return await MeasureAsync(server, database, size, pipeline, disturb);
    }

    private static async Task<Figures> MeasureAsync(
        BenchServer server,
        BenchDatabase database,
        int size,
        string pipeline = Subject.Pure,
        Func<BenchDatabase, Task<IAsyncDisposable>>? disturb = null)
    {
        await using var engine = Subject.OnPostgreSql(database.ConnectionString, e => e
            .AddStep<FirstFlakyStep>().AddStep<SecondFlakyStep>().AddStep<ThirdFlakyStep>()
            .AddPipeline(Flaky, p => p.Step("bench.flaky.one", Soon).Step("bench.flaky.two", Soon).Step("bench.flaky.three", Soon)));
        await engine.MigrateAsync();
        var batch = await EngineRun.LaunchAsync(engine, size, pipeline);
        await using var trouble = disturb is null ? null : await disturb(database);
        return await EngineRun.MeasureAsync(server, database, engine, batch);
    }

    private static void Soon(Pipelines.StageBuilder stage) => stage.Retry(baseDelay: TimeSpan.FromMilliseconds(100));
}
