using System.Data.Common;
using Enrichment.PostgreSql;
using Enrichment.Storage;
using Enrichment.Testing;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>A store of which every statement goes through the pooler, the raw ones too.</summary>
internal sealed class ConformanceFixture : StoreFixture
{
    private readonly NpgsqlDataSource database;

    private ConformanceFixture(string connectionString)
    {
        database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true, IncludeErrorDetail = true, MaxPoolSize = 40 });
        Store = new PostgreSqlStore(database, new() { Clock = Clock });
    }

    public override IEnrichmentStore Store { get; }

    public static async Task<ConformanceFixture> CreateAsync(string connectionString)
    {
        var fixture = new ConformanceFixture(connectionString);
        await fixture.Store.MigrateAsync(default);
        return fixture;
    }

    public override async Task<DbConnection> OpenAsync() => await database.OpenConnectionAsync();

    public override async ValueTask DisposeAsync()
    {
        await ExecuteRawAsync("drop schema enrichment cascade");
        await database.DisposeAsync();
    }
}
