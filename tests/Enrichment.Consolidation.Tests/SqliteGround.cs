using Enrichment.Hosting;
using Enrichment.Sqlite;
using Microsoft.Data.Sqlite;

namespace Enrichment.Consolidation.Tests;

/// <summary>A SQLite store in a folder of its own.</summary>
public sealed class SqliteGround : Ground
{
    private readonly string folder = Directory.CreateTempSubdirectory("enrichment-consolidation-").FullName;
    private readonly SqliteStore store;

    private SqliteGround() => store = new(Path.Combine(folder, "test.db"));

    internal override IEnrichmentStore Store => store;

    public static async Task<SqliteGround> CreateAsync()
    {
        var ground = new SqliteGround();
        await ground.Store.MigrateAsync(default);
        return ground;
    }

    public override async Task<object?> RawAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "test.db")};Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql.Replace("{schema}.", "", StringComparison.Ordinal);
        return await command.ExecuteScalarAsync();
    }

    public override string DaysAgo(int days) => $"(unixepoch() - {days} * 86400) * 1000";

    public override ValueTask DisposeAsync()
    {
        store.Dispose();
        Directory.Delete(folder, recursive: true);
        return default;
    }
}
