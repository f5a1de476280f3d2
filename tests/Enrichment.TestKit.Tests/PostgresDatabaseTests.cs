using Npgsql;

namespace Enrichment.TestKit.Tests;

public sealed class PostgresDatabaseTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task A_test_class_has_an_empty_database_of_its_own()
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from pg_tables where schemaname = 'public'", connection);

        Assert.Equal(0L, await command.ExecuteScalarAsync());
        Assert.Equal(database.Name, connection.Database);
    }

    [Fact]
    public async Task Two_databases_of_one_server_share_nothing()
    {
        await using var other = await PostgresDatabase.CreateAsync();

        Assert.NotEqual(database.Name, other.Name);
        Assert.Equal(
            new NpgsqlConnectionStringBuilder(database.ConnectionString).Host,
            new NpgsqlConnectionStringBuilder(other.ConnectionString).Host);
    }

    [Fact]
    public async Task A_disposed_database_is_gone_even_while_a_connection_is_open()
    {
        var other = await PostgresDatabase.CreateAsync();
        var connectionString = other.ConnectionString;
        await using var open = new NpgsqlConnection(connectionString);
        await open.OpenAsync();

        await other.DisposeAsync();

        await using var again = new NpgsqlConnection(connectionString);
        var error = await Assert.ThrowsAsync<PostgresException>(() => again.OpenAsync());
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, error.SqlState);
    }
}
