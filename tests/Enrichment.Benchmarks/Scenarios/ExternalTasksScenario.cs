using System.CommandLine;
using System.Diagnostics;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Npgsql;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A step without limits that external workers do in SQL: from the launch to the last applied report.</summary>
internal sealed class ExternalTasksScenario : Scenario
{
    private const string Pipeline = "external";
    private const string Slug = "bench.external";
    private const int WarmUp = 2_000; // See PipelineScenario.

    // As the sample's worker, but not a second: what is measured is how long work waits, not how seldom a worker asks.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    private readonly Option<int> items = new("--items") { Description = "How many tasks.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> workers = new("--workers") { Description = "How many workers.", DefaultValueFactory = _ => 2 };
    private readonly Option<int> set = new("--set")
    {
        Description = "How many tasks a worker fetches at once.",
        DefaultValueFactory = _ => 100,
    };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    public ExternalTasksScenario()
        : base(
            "external-tasks",
            "Tasks a second of a step that workers fetch and complete in SQL, from the launch to the last applied report.")
    {
        Options.Add(items);
        Options.Add(workers);
        Options.Add(set);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var (count, crew, most) = (parsed.GetValue(items), parsed.GetValue(workers), parsed.GetValue(set));
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = count, ["workers"] = crew, ["set"] = most };
        await MeasureAsync(server, Math.Min(count, WarmUp), crew, most);
        var measured = new List<Figures>();
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            measured.Add(await MeasureAsync(server, count, crew, most));
        }

        report.Add($"external tasks, {count:#,0} through {crew} workers in sets of {most}", measured);
        report.Write(json);
    }

    private static async Task<Figures> MeasureAsync(BenchServer server, int count, int crew, int most)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(
            database.ConnectionString,
            e => e
                .DeclareSteps(new StepManifest { Slug = Slug, Version = "1.0.0", Reads = ["company.name"], Effects = Effects.SafeToRepeat })
                .AddPipeline(Pipeline, p => p.Step(Slug)));
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, count);
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        using var ended = new CancellationTokenSource();
        var working = new List<Task<WorkerFigures>>();
        Batch? batch = null;
        DateTime launched = default;
        await EngineRun.WorkUntilAsync(
            engine,
            async () =>
            {
                if (batch is null)
                {
                    // The host has shown the step, and workers wait for tasks already, as they do in practice.
                    await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                    working.AddRange(
                        Enumerable.Range(1, crew).Select(number => WorkAsync(database, $"bench/{number}", most, ended.Token)));
                    await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
                    launched = await database.ScalarAsync<DateTime>("select clock_timestamp()");
                    batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = Pipeline });
                }

                if (working.Find(worker => worker.IsFaulted) is { } failed)
                {
                    await failed;
                }

                return await EngineRun.HasEndedAsync(engine, batch);
            });
        await ended.CancelAsync();
        var did = await Task.WhenAll(working);
        var progress = (await engine.Store.ReadProgressAsync(batch!.Key, CancellationToken.None))[0];
        var findings = await engine.ExamineAsync();
        if (progress.Completed != count || findings.Count > 0)
        {
            throw new InvalidOperationException(
                $"The run is void: {progress.Completed} of {count} tasks are completed.\n{string.Join('\n', findings)}");
        }

        var last = await database.ScalarAsync<DateTime>(
            $"select max(updated_at) from enrichment.workflow_states where bucket between 0 and 63 and batch = {batch.Key}");
        await engine.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var used = await server.ReadAsync(database) - before;
        var statements = did.Sum(worker => worker.Seconds);
        return new()
        {
            ["tasks_per_second"] = count / (last - launched).TotalSeconds,
            ["seconds"] = (last - launched).TotalSeconds,
            ["statements_tasks_per_second"] = count / (statements / crew),
            ["fetch_ms_per_task"] = did.Sum(worker => worker.Fetching) * 1e3 / count,
            ["complete_ms_per_task"] = did.Sum(worker => worker.Completing) * 1e3 / count,
            ["fetches"] = did.Sum(worker => worker.Fetches),
            ["empty_fetches"] = did.Sum(worker => worker.Empty),
            ["wal_bytes_per_task"] = (double)used.WalBytes / count,
            ["postgres_cpu_ms_per_task"] = used.Cpu.TotalMilliseconds / count,
        };
    }

    /// <summary>A worker that only fetches and completes: each set in a transaction of its own, as the sample does.</summary>
    private static async Task<WorkerFigures> WorkAsync(BenchDatabase database, string name, int most, CancellationToken ended)
    {
        var figures = new WorkerFigures();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(CancellationToken.None);
        await using var fetch = new NpgsqlCommand("select task from enrichment.fetch_tasks($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = Slug }, new() { Value = name }, new() { Value = most } },
        };
        while (!ended.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            var tasks = new List<string>();
            await using (var reader = await fetch.ExecuteReaderAsync(CancellationToken.None))
            {
                while (await reader.ReadAsync(CancellationToken.None))
                {
                    tasks.Add(reader.GetString(0));
                }
            }

            if (tasks.Count == 0)
            {
                figures.Empty++;
                await Task.Delay(Rest, TimeProvider.System, CancellationToken.None);
                continue;
            }

            figures.Fetches++;
            figures.Fetching += Stopwatch.GetElapsedTime(started).TotalSeconds;
            started = Stopwatch.GetTimestamp();
            await using var complete = new NpgsqlCommand(
                "select count(*) from enrichment.complete_tasks($1, $2::json[])",
                connection)
            {
                Parameters =
                {
                    new() { Value = tasks.ToArray() },
                    new() { Value = tasks.ConvertAll(_ => Answer.Text).ToArray() },
                },
            };
            if (await complete.ExecuteScalarAsync(CancellationToken.None) is not 0L)
            {
                throw new InvalidOperationException("The run is void: a report was refused.");
            }

            figures.Completing += Stopwatch.GetElapsedTime(started).TotalSeconds;
        }

        return figures;
    }

    /// <summary>What a worker's statements took, commit and arrival of the rows included; without those that found nothing.</summary>
    private sealed class WorkerFigures
    {
        public int Fetches { get; set; }

        public int Empty { get; set; }

        public double Fetching { get; set; }

        public double Completing { get; set; }

        public double Seconds => Fetching + Completing;
    }
}
