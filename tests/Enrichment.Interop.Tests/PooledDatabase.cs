using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>An empty database behind a pooler of its own.</summary>
public sealed class PooledDatabase : IAsyncDisposable
{
    private PooledDatabase(PostgresDatabase database, PgBouncer pooler)
    {
        Database = database;
        Pooler = pooler;
    }

    public PostgresDatabase Database { get; }

    public PgBouncer Pooler { get; }

    /// <param name="serverConnections">How many the pooler keeps.</param>
    /// <param name="schema">
    /// Where unqualified names are found. A setting of the database, because the pooler refuses it from a client.
    /// </param>
    /// <param name="server">A server of the test's own, which it restarts; null for the shared one.</param>
    public static async Task<PooledDatabase> CreateAsync(int serverConnections, string schema = "enrichment", string? server = null)
    {
        var database = await PostgresDatabase.CreateAsync(server ?? await PostgresServer.ConnectionStringAsync());
        try
        {
            await FindAsync(database, schema);
            return new(database, await PgBouncer.StartAsync(database.ConnectionString, serverConnections));
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Lets unqualified names of a database be found in a schema, before the pooler connects: a connection keeps the setting that it began
    /// with.
    /// </summary>
    public static Task FindAsync(PostgresDatabase database, string schema) =>
        ScalarAsync<object>(database, $"alter database {database.Name} set search_path = {schema}");

    /// <summary>The first cell of a query that goes past the pooler.</summary>
    public Task<T?> ScalarAsync<T>(string sql) => ScalarAsync<T>(Database, sql);

    public async ValueTask DisposeAsync()
    {
        await Pooler.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<T?> ScalarAsync<T>(PostgresDatabase database, string sql)
    {
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Pooling = false });
        await using var command = server.CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
    }
}
