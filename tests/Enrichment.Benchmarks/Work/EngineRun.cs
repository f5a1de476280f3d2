using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Npgsql;

namespace Enrichment.Benchmarks.Work;

/// <summary>One batch on its way through the engine in this process, beside whatever else the database holds.</summary>
internal static class EngineRun
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>A batch over every row of an upload of its own, launched but not begun.</summary>
    public static async Task<Batch> LaunchAsync(
        EnrichmentEngine engine,
        int items,
        string pipeline = Subject.Pure,
        string client = Subject.Client)
    {
        var upload = await Subject.StageAsync(engine, items, client);
        return await engine.Client(client).LaunchAsync(upload.Id, new() { Pipeline = pipeline });
    }

    /// <summary>
    /// Works until the batch's last item has ended, and says what that cost. Closes the engine: a connection reports its counters when it
    /// ends.
    /// </summary>
    public static async Task<Figures> MeasureAsync(BenchServer server, BenchDatabase database, EnrichmentEngine engine, Batch batch)
    {
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        await WorkUntilAsync(engine, () => HasEndedAsync(engine, batch));
        var process = meter.Stop();
        await Subject.VerifyAsync(engine, batch, batch.Items);
        var seconds = await SecondsAsync(database, batch);
        await engine.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var used = await server.ReadAsync(database) - before;
        var transitions = batch.Items * 3.0;
        return new()
        {
            ["transitions_per_second"] = transitions / seconds,
            ["seconds"] = seconds,
            ["engine_cpu_ms_per_transition"] = process.Cpu.TotalMilliseconds / transitions,
            ["postgres_cpu_ms_per_transition"] = used.Cpu.TotalMilliseconds / transitions,
            ["wal_bytes_per_transition"] = used.WalBytes / transitions,
            ["allocated_bytes_per_transition"] = process.Allocated / transitions,
            ["peak_memory_mb"] = process.PeakMemory / 1e6,
        };
    }

    /// <summary>Lets the engine work in this process until something holds.</summary>
    public static async Task WorkUntilAsync(EnrichmentEngine engine, Func<Task<bool>> done)
    {
        using var stop = new CancellationTokenSource();
        var working = Task.Run(() => engine.RunAsync(stop.Token));
        try
        {
            while (!await done() && !working.IsCompleted)
            {
                await Task.Delay(Look, TimeProvider.System);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await working;
        }
    }

    /// <summary>Whether a sweep has seen that nothing of a batch is open.</summary>
    public static async Task<bool> HasEndedAsync(EnrichmentEngine engine, Batch batch) =>
        (await engine.Client(batch.Client).GetBatchAsync(batch.Id)).CompletedAt is not null;

    /// <summary>From the first claim of a batch to its last commit.</summary>
    public static async Task<double> SecondsAsync(BenchDatabase database, Batch batch) =>
        (
            await EndOfAsync(database, batch)
            - await database.ScalarAsync<DateTime>($"select started_at from enrichment.batches where batch = {batch.Key}")).TotalSeconds;

    /// <summary>When the last item of a batch completed its third stage, by the database's clock.</summary>
    public static Task<DateTime> EndOfAsync(BenchDatabase database, Batch batch) => database.ScalarAsync<DateTime>(
        $"""
         select max(s.at)
           from generate_series(0, 63) g
          cross join lateral (select max(w.updated_at) as at from enrichment.workflow_states w where w.bucket = g and w.batch = {batch.Key} and w.stage = 3 offset 0) s
         """);
}
