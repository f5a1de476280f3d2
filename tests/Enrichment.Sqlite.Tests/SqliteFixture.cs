using System.Data.Common;
using Enrichment.Conformance;
using Enrichment.Hosting;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Tests;

/// <summary>A store in a file of its own, in a folder that goes with it.</summary>
internal sealed class SqliteFixture : StoreFixture
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("enrichment-sqlite-");
    private readonly SqliteStore store;

    private SqliteFixture() => store = new(Path.Combine(folder.FullName, "case.db"), new() { Clock = Clock, FlushEveryCommit = false });

    public override IEnrichmentStore Store => store;

    public static async Task<SqliteFixture> CreateAsync()
    {
        var fixture = new SqliteFixture();
        await fixture.Store.MigrateAsync(default);
        return fixture;
    }

    public override async Task<DbConnection> OpenAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder.FullName, "case.db")};Pooling=false;Default Timeout=60");
        await connection.OpenAsync();
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        store.Dispose();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
