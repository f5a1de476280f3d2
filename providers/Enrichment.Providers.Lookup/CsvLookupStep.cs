using Enrichment.Providers.Lookup.Csv;
using Enrichment.Providers.Lookup.Rows;
using Microsoft.Extensions.Logging;

namespace Enrichment.Providers.Lookup;

/// <summary>Looks up in a file.</summary>
internal sealed class CsvLookupStep(ILogger? logger) : LookupStep<CsvLookupOptions>
{
    private readonly CsvTables tables = new(logger);

    private protected override ValueTask<LookupTable> FindAsync(
        CsvLookupOptions options,
        IReadOnlyList<RecordKey> keys,
        TimeSpan timeout,
        CancellationToken cancellationToken) => new(tables.Get(options));
}
