using Enrichment.Testing;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A database with a migrated schema, of which each case gets a copy: that takes a fraction of the time of migrating.</summary>
public sealed class MigratedDatabase : IAsyncLifetime
{
    // Not the name that it has by default: a statement that forgot to say where its tables are would not find them.
    private const string Schema = "conformance";

    private PostgresDatabase original = null!;

    public async Task InitializeAsync()
    {
        original = await PostgresDatabase.CreateAsync();
        await using var source = NpgsqlDataSource.Create(original.ConnectionString);
        await new PostgreSqlStore(source, new() { Schema = Schema, Clock = new FakeClock() }).MigrateAsync(default);
    }

    public async Task DisposeAsync() => await original.DisposeAsync();

    /// <summary>A store in a database of its own, dropped with it.</summary>
    internal async Task<PostgreSqlFixture> CopyAsync()
    {
        var copy = await original.CopyAsync();
        return await PostgreSqlFixture.CreateAsync(copy.ConnectionString, Schema, copy.DisposeAsync);
    }
}
