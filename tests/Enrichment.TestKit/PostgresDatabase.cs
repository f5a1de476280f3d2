using Npgsql;
using Xunit;

namespace Enrichment.TestKit;

/// <summary>
/// A fresh, empty PostgreSQL database, dropped at the end. As a class fixture
/// (<c>IClassFixture&lt;PostgresDatabase&gt;</c>) each test class has its own and all run in parallel; a test that
/// wants one for itself calls <see cref="CreateAsync()"/>.
/// </summary>
public sealed class PostgresDatabase : IAsyncLifetime, IAsyncDisposable
{
    private string? server;

    /// <summary>To this database, as a user who may do anything in it.</summary>
    /// <exception cref="InvalidOperationException">The database has not been created yet.</exception>
    public string ConnectionString =>
        server is null
            ? throw new InvalidOperationException(
                "The database does not exist yet: xunit creates it before the test class is constructed; elsewhere use PostgresDatabase.CreateAsync().")
            : new NpgsqlConnectionStringBuilder(server) { Database = Name }.ConnectionString;

    /// <summary>The database's name, unique on its server.</summary>
    public string Name { get; } = $"enrichment_test_{Guid.CreateVersion7():n}";

    /// <summary>Creates a database on the shared server.</summary>
    /// <exception cref="PostgresMissingException">There is no PostgreSQL to be had.</exception>
    public static async Task<PostgresDatabase> CreateAsync() => await CreateAsync(await PostgresServer.ConnectionStringAsync());

    /// <summary>
    /// Creates a database on the server of <paramref name="serverConnectionString"/>, such as a cluster that the test restarts.
    /// </summary>
    public static async Task<PostgresDatabase> CreateAsync(string serverConnectionString)
    {
        var database = new PostgresDatabase();
        await database.CreateOnAsync(serverConnectionString);
        return database;
    }

    /// <summary>
    /// Creates a copy on the same server, in a fraction of the time that many tables take. Nobody may be connected to this one meanwhile.
    /// </summary>
    public async Task<PostgresDatabase> CopyAsync()
    {
        var copy = new PostgresDatabase();
        await copy.CreateOnAsync(server ?? throw new InvalidOperationException("There is no database to copy yet."), template: Name);
        return copy;
    }

    /// <summary>Drops the database and breaks whatever connections are still open to it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (server is null)
        {
            return;
        }

        await using (var connection = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        await ExecuteAsync(server, $"drop database if exists {Name} with (force)");
        server = null;
    }

    async Task IAsyncLifetime.InitializeAsync() => await CreateOnAsync(await PostgresServer.ConnectionStringAsync());

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    private async Task CreateOnAsync(string server, string template = "template0")
    {
        await ExecuteAsync(server, $"create database {Name} encoding 'UTF8' template {template}");
        this.server = server;
    }

    private static async Task ExecuteAsync(string server, string sql)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(server) { Pooling = false };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
