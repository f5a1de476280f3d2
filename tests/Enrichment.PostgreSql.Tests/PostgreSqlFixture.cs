using System.Data.Common;
using Enrichment.Conformance;
using Enrichment.Hosting;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A store in a schema of its own.</summary>
internal sealed class PostgreSqlFixture : StoreFixture
{
    private readonly NpgsqlDataSource database;
    private readonly Func<ValueTask>? drop;
    private readonly string schema;

    private PostgreSqlFixture(string connectionString, string schema, Func<ValueTask>? drop)
    {
        this.schema = schema;
        this.drop = drop;
        database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                SearchPath = schema,
                ApplicationName = schema,
                IncludeErrorDetail = true,
                MaxPoolSize = 40,
            });
        Store = new PostgreSqlStore(database, new() { Schema = schema, Clock = Clock });
    }

    public override IEnrichmentStore Store { get; }

    /// <summary>In a new schema, dropped at the end.</summary>
    public static Task<PostgreSqlFixture> CreateAsync(string connectionString) =>
        CreateAsync(connectionString, $"case_{Guid.CreateVersion7():n}", drop: null);

    /// <summary>In a schema that may be there.</summary>
    /// <param name="connectionString">The database.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="drop">What is done at the end, when no connection is left; null drops the schema.</param>
    public static async Task<PostgreSqlFixture> CreateAsync(string connectionString, string schema, Func<ValueTask>? drop)
    {
        var fixture = new PostgreSqlFixture(connectionString, schema, drop);
        await fixture.Store.MigrateAsync(default);
        return fixture;
    }

    public override async Task<DbConnection> OpenAsync() => await database.OpenConnectionAsync();

    public override async ValueTask DisposeAsync()
    {
        if (drop is null)
        {
            await ExecuteRawAsync($"drop schema {schema} cascade");
        }

        await database.DisposeAsync();
        if (drop is not null)
        {
            await drop();
        }
    }
}
