using Npgsql;

namespace Enrichment.Benchmarks.Measuring;

/// <summary>
/// Looks every few milliseconds at what no counter keeps, until it is disposed of: the managed heap, and the age of a database's
/// transactions.
/// </summary>
internal sealed class Looks : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource stop = new();
    private readonly Task looking;
    private double oldest;
    private long heap;

    /// <param name="connectionString">Of the database; null for none.</param>
    public Looks(string? connectionString) => looking = LookAsync(connectionString);

    /// <summary>The greatest age of a transaction that was seen, in milliseconds.</summary>
    public double LongestTransactionMs => Volatile.Read(ref oldest);

    /// <summary>The largest heap that was seen, in bytes.</summary>
    public long PeakHeap => Volatile.Read(ref heap);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task LookAsync(string? connectionString)
    {
        await using var connection = connectionString is null
            ? null
            : new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await (connection?.OpenAsync(stop.Token) ?? Task.CompletedTask);
        await using var command = connection is null ? null : new NpgsqlCommand(
            "select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::float8 * 1000 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
            connection);
        while (true)
        {
            Volatile.Write(ref heap, Math.Max(heap, GC.GetTotalMemory(forceFullCollection: false)));
            if (command is not null)
            {
                Volatile.Write(ref oldest, Math.Max(oldest, (double)(await command.ExecuteScalarAsync(stop.Token))!));
            }

            await Task.Delay(Pause, TimeProvider.System, stop.Token);
        }
    }
}
