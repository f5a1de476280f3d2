using System.Diagnostics;
using System.Text.Json.Nodes;
using Npgsql;

/// <summary>
/// Runs W(N, 3) on a peer and says what it cost. Once in the small and unmeasured, so that code is compiled and tables are there; then,
/// after a new start, in full.
/// </summary>
internal sealed class Measurement(IPeer peer, string connectionString)
{
    private readonly Observer observer = new(connectionString, new NpgsqlConnectionStringBuilder(connectionString).Database!);

    public async Task<JsonObject> RunAsync(int items)
    {
        await using var _ = observer;
        await ScalarAsync(Results.Table);
        await RunOnceAsync(Math.Min(items, 1_000));
        await ScalarAsync("truncate results");
        await ScalarAsync("checkpoint");
        await observer.WaitUntilQuietAsync();
        var before = await observer.ReadAsync();
        using var finished = new CancellationTokenSource();
        var peak = observer.PeakAsync(finished.Token);
        var (enqueued, processed) = await RunOnceAsync(items);
        await finished.CancelAsync();
        var connections = await peak;
        await observer.WaitUntilQuietAsync();
        var after = await observer.ReadAsync();
        var transitions = 3 * items;
        if (await ScalarAsync("select count(*) from results") is not long stored || stored != transitions)
        {
            throw new InvalidOperationException(
                $"The run is void: {peer.Name} did not store exactly {transitions} results of {items} items.");
        }

        return new()
        {
            ["peer"] = peer.Name,
            ["version"] = peer.Version,
            ["setting"] = peer.Setting,
            ["items"] = items,
            ["transitions"] = transitions,
            ["enqueue_seconds"] = enqueued.TotalSeconds,
            ["process_seconds"] = processed.TotalSeconds,
            ["transitions_per_second"] = transitions / (enqueued + processed).TotalSeconds,
            ["commits_per_transition"] = (double)(after.Commits - before.Commits) / transitions,
            ["wal_bytes_per_transition"] = (double)(after.WalBytes - before.WalBytes) / transitions,
            ["connections"] = connections,
        };
    }

    /// <summary>The time until the last item was enqueued, and from there until the last result was committed.</summary>
    private async Task<(TimeSpan Enqueued, TimeSpan Processed)> RunOnceAsync(int items)
    {
        var progress = new Progress(items);
        await using var running = await peer.StartAsync(connectionString, progress);
        var started = Stopwatch.GetTimestamp();
        await running.EnqueueAsync(items);
        var enqueued = Stopwatch.GetTimestamp();
        await progress.WaitAsync();
        return (Stopwatch.GetElapsedTime(started, enqueued), Stopwatch.GetElapsedTime(enqueued));
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
