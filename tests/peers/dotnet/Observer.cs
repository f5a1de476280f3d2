using Npgsql;

/// <summary>Looks at a database from another one of the same server, where its own commits are not counted.</summary>
internal sealed class Observer(string connectionString, string observed) : IAsyncDisposable
{
    private readonly NpgsqlDataSource server = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(connectionString) { Database = "postgres", MaxPoolSize = 1 });

    public async Task<(long Commits, long WalBytes)> ReadAsync()
    {
        await using var command = server.CreateCommand(
            "select (select xact_commit from pg_stat_database where datname = $1), (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint");
        command.Parameters.Add(new() { Value = observed });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>Waits until nobody is connected any more: a connection reports its commits at its end.</summary>
    public async Task WaitUntilQuietAsync()
    {
        for (var tries = 0; await ConnectionsAsync() > 0; tries++)
        {
            if (tries == 200)
            {
                throw new InvalidOperationException(
                    "The peer was stopped, but is still connected after 10 s: its commits cannot be counted.");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>The most connections at any moment until cancelled, looked at five times a second.</summary>
    public async Task<long> PeakAsync(CancellationToken until)
    {
        var peak = 0L;
        while (!until.IsCancellationRequested)
        {
            peak = Math.Max(peak, await ConnectionsAsync());
            await Task.Delay(200, CancellationToken.None);
        }

        return peak;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task<long> ConnectionsAsync()
    {
        await using var command = server.CreateCommand(
            "select count(*) from pg_stat_activity where datname = $1 and backend_type = 'client backend'");
        command.Parameters.Add(new() { Value = observed });
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
