using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Benchmarks.Server;

/// <summary>One run's database: nothing of one run is left for the next.</summary>
internal sealed class BenchDatabase(BenchServer server, string name, string connectionString) : IAsyncDisposable
{
    public string Name => name;

    public string ConnectionString => connectionString;

    /// <summary>The longer way to this database, if there is one.</summary>
    public string Through(SlowLink? link) => link?.Through(connectionString) ?? connectionString;

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await server.DropAsync(this);
    }

    // Unpooled: a connection's counters reach the statistics when it ends.
    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
