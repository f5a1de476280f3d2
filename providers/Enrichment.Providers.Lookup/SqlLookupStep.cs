using Enrichment.Providers.Lookup.Rows;
using Enrichment.Providers.Lookup.Sql;

namespace Enrichment.Providers.Lookup;

/// <summary>Looks up in a database.</summary>
internal sealed class SqlLookupStep : LookupStep<SqlLookupOptions>
{
    private protected override async ValueTask<LookupTable> FindAsync(
        SqlLookupOptions options,
        IReadOnlyList<RecordKey> keys,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        // A twelfth less than the step has, so that the database says what happened before the engine gives up.
        var within = timeout * 11 / 12;
        return options.Connection is null
            ? await SqliteQuery.RunAsync(options, keys, within, cancellationToken).ConfigureAwait(false)
            : await PostgresQuery.RunAsync(options, keys, within, cancellationToken).ConfigureAwait(false);
    }
}
