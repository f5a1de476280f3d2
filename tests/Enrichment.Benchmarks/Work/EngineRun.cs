using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.Benchmarks.Work;

/// <summary>One batch on its way through the engine in this process, beside whatever else the database holds.</summary>
internal static class EngineRun
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>Works until the batch's last item has ended, and says what that cost. Closes the engine: a connection reports its counters when it ends.</summary>
    public static async Task<Figures> MeasureAsync(BenchServer server, BenchDatabase database, EnrichmentEngine engine, Batch batch)
    {
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        await WorkUntilAsync(engine, () => HasEndedAsync(database, batch));
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

    /// <summary>Whether nothing of a batch is open. Reads counters only.</summary>
    public static Task<bool> HasEndedAsync(BenchDatabase database, Batch batch) =>
        database.ScalarAsync<bool>($"select not exists (select 1 from generate_series(0, 63) g join enrichment.ranges r on r.bucket = g and r.batch = {batch.Key} where r.pending + r.in_progress + r.to_advance > 0)");

    /// <summary>From the first claim to the last commit.</summary>
    private static async Task<double> SecondsAsync(BenchDatabase database, Batch batch) => await database.ScalarAsync<double>(
        $"""
         select extract(epoch from max(s.at) - max(b.started_at))::float8
           from enrichment.batches b
          cross join generate_series(0, 63) g
          cross join lateral (select max(w.updated_at) as at from enrichment.workflow_states w where w.bucket = g and w.batch = b.batch and w.stage = 3 offset 0) s
          where b.batch = {batch.Key}
         """);
}
