using Enrichment.Sqlite;

namespace Enrichment;

/// <summary>Chooses SQLite.</summary>
public static class SqliteEnrichmentBuilderExtensions
{
    /// <summary>Keeps everything in one SQLite file, on which one process at a time works.</summary>
    /// <param name="builder">The engine's builder.</param>
    /// <param name="path">
    /// The file, made if it is not there, in a directory that is; or <c>:memory:</c> for a database that lives as long as the engine.
    /// </param>
    /// <param name="options">The clock and the durability of commits.</param>
    /// <exception cref="EnrichmentException">The path is empty.</exception>
    public static EnrichmentBuilder UseSqlite(this EnrichmentBuilder builder, string path, SqliteOptions? options = null)
    {
        DatabaseFile.Check(path);
        return builder.UseStore(_ => new SqliteStore(path, options));
    }
}
