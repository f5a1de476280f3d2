using System.Data.Common;
using Enrichment.Storage;
using Enrichment.Testing;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A store in a schema of its own, dropped at the end.</summary>
internal sealed class PostgreSqlFixture : StoreFixture
{
    private readonly string schema = $"case_{Guid.CreateVersion7():n}";
    private readonly NpgsqlDataSource database;

    private PostgreSqlFixture(string connectionString)
    {
        database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = schema, IncludeErrorDetail = true, MaxPoolSize = 40 });
        Store = new PostgreSqlStore(database, new() { Schema = schema, Clock = Clock });
    }

    public override IEnrichmentStore Store { get; }

    public static async Task<PostgreSqlFixture> CreateAsync(string connectionString)
    {
        var fixture = new PostgreSqlFixture(connectionString);
        await fixture.Store.MigrateAsync(default);
        return fixture;
    }

    public override async Task<DbConnection> OpenAsync() => await database.OpenConnectionAsync();

    public override async ValueTask DisposeAsync()
    {
        await ExecuteRawAsync($"drop schema {schema} cascade");
        await database.DisposeAsync();
    }
}
