using System.Text.Json;
using Enrichment.Providers.Lookup.Rows;
using Microsoft.Extensions.Logging;

namespace Enrichment.Providers.Lookup.Csv;

/// <summary>The tables that this host has read for one step, each once, and again when its file has changed.</summary>
/// <param name="logger">Logs rows that are never found; null: no log.</param>
internal sealed class CsvTables(ILogger? logger)
{
    // Clients may each have their own file. Above this the tables are simply read again, so that memory stays bounded.
    private const int Most = 4;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (Stamp Stamp, LookupTable Table)> tables = new(StringComparer.Ordinal);

    /// <exception cref="LookupFault">It cannot be read, or is not sound.</exception>
    public LookupTable Get(CsvLookupOptions options)
    {
        var key = JsonSerializer.Serialize(options); // Other settings for the same file make another table.
        var stamp = Stamp.Of(options.File);
        lock (gate)
        {
            if (tables.TryGetValue(key, out var known) && known.Stamp == stamp)
            {
                return known.Table;
            }

            var table = CsvFile.Read(options, logger);
            if (Stamp.Of(options.File) != stamp)
            {
                throw LookupFault.Passing($"{Path.GetFileName(options.File)} was changed while it was read.");
            }

            if (tables.Count >= Most)
            {
                tables.Clear();
            }

            tables[key] = (stamp, table);
            return table;
        }
    }

    /// <summary>Identifies a changed file. A file that is replaced by renaming another is never read half-written.</summary>
    private readonly record struct Stamp(long Length, DateTime WrittenAt)
    {
        public static Stamp Of(string path) =>
            new FileInfo(path) is { Exists: true } file ? new(file.Length, file.LastWriteTimeUtc) : default;
    }
}
