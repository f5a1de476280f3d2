using Enrichment.Hosting;
using Enrichment.PostgreSql;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Consolidation.Tests;

/// <summary>A PostgreSQL store in a database of its own.</summary>
public sealed class PostgreSqlGround : Ground
{
    private readonly PostgresDatabase database;
    private readonly NpgsqlDataSource source;

    private PostgreSqlGround(PostgresDatabase database, string connectionString)
    {
        this.database = database;
        source = NpgsqlDataSource.Create(connectionString);
        Store = new PostgreSqlStore(source);
    }

    internal override IEnrichmentStore Store { get; }

    /// <param name="way">Gives the connection string by which the store goes to a database; null: the database's own.</param>
    public static async Task<PostgreSqlGround> CreateAsync(Func<string, string>? way = null)
    {
        var database = await PostgresDatabase.CreateAsync();
        var ground = new PostgreSqlGround(database, way?.Invoke(database.ConnectionString) ?? database.ConnectionString);
        await ground.Store.MigrateAsync(default);
        return ground;
    }

    /// <summary>Connections of another program.</summary>
    public NpgsqlDataSource Open() => NpgsqlDataSource.Create(database.ConnectionString);

    public override async Task<object?> RawAsync(string sql)
    {
        await using var command = source.CreateCommand(sql.Replace("{schema}", "enrichment", StringComparison.Ordinal));
        return await command.ExecuteScalarAsync();
    }

    public override string DaysAgo(int days) => $"clock_timestamp() - interval '{days} days'";

    public override async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await database.DisposeAsync();
    }
}
