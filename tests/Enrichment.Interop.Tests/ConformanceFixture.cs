using System.Data.Common;
using Enrichment.Conformance;
using Enrichment.Hosting;
using Enrichment.PostgreSql;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>A store of which every statement goes through the pooler, the raw ones too.</summary>
internal sealed class ConformanceFixture : StoreFixture
{
    private readonly NpgsqlDataSource database;
    private readonly PostgresDatabase owned;

    private ConformanceFixture(string connectionString, PostgresDatabase owned)
    {
        this.owned = owned;
        database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                NoResetOnClose = true,
                IncludeErrorDetail = true,
                MaxPoolSize = 40,
            });
        Store = new PostgreSqlStore(database, new() { Clock = Clock });
    }

    public override IEnrichmentStore Store { get; }

    /// <param name="connectionString">The database, through the pooler.</param>
    /// <param name="owned">The database itself, dropped at the end.</param>
    public static async Task<ConformanceFixture> CreateAsync(string connectionString, PostgresDatabase owned)
    {
        var fixture = new ConformanceFixture(connectionString, owned);
        await fixture.Store.MigrateAsync(default);
        return fixture;
    }

    public override async Task<DbConnection> OpenAsync() => await database.OpenConnectionAsync();

    public override async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await owned.DisposeAsync();
    }
}
