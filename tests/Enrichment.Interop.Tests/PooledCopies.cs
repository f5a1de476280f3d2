using Enrichment.PostgreSql;
using Enrichment.Testing;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>
/// One pooler for all cases, and a migrated database of which each gets a copy: that takes a fraction of the time of migrating.
/// </summary>
public sealed class PooledCopies : IAsyncLifetime
{
    private PostgresDatabase original = null!;
    private PgBouncer pooler = null!;

    public async Task InitializeAsync()
    {
        original = await PostgresDatabase.CreateAsync();
        await using (var source = NpgsqlDataSource.Create(original.ConnectionString))
        {
            await new PostgreSqlStore(source, new() { Clock = new FakeClock() }).MigrateAsync(default);
        }

        pooler = await PgBouncer.StartAsync(await PostgresServer.ConnectionStringAsync(), serverConnections: 3);
    }

    public async Task DisposeAsync()
    {
        await pooler.DisposeAsync();
        await original.DisposeAsync();
    }

    /// <summary>A store in a database of its own behind the pooler.</summary>
    internal async Task<ConformanceFixture> NextAsync()
    {
        var copy = await original.CopyAsync();
        await PooledDatabase.FindAsync(copy, "enrichment");
        return await ConformanceFixture.CreateAsync(
            new NpgsqlConnectionStringBuilder(pooler.ConnectionString) { Database = copy.Name }.ConnectionString,
            copy);
    }
}
