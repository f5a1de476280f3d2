using System.Runtime.CompilerServices;
using Enrichment.Consolidation;

namespace Enrichment;

/// <content>Typed tables. They follow every batch that ends; these are for on demand, and for reading.</content>
public sealed partial class EnrichmentClient
{
    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Brings a projection's table up to date with a batch, whether it has ended or not. Run twice it changes nothing.</summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="batch">The batch's id.</param>
    /// <param name="cancellationToken">Ends the call; the table is as it was.</param>
    /// <exception cref="EnrichmentException">There is no such projection or batch.</exception>
    public async Task<ConsolidationReport> ConsolidateAsync(string projection, Guid batch, CancellationToken cancellationToken = default)
    {
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        return await store.ConsolidateAsync(definitions.Projection(projection), found.Key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>This client's rows of a projection's live table, ordered by batch and item.</summary>
    /// <remarks>
    /// The values are those of this host's columns. While another definition is live, a column that the table does not have is null.
    /// </remarks>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="asOf">The day that <c>as_of</c> means in expressions. Null: today in UTC.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">There is no such projection, or its table was never made.</exception>
    public async IAsyncEnumerable<ProjectedRow> ReadRowsAsync(
        string projection,
        Guid? batch = null,
        DateOnly? asOf = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var declared = definitions.Projection(projection);
        var live = await LiveAsync(declared, cancellationToken).ConfigureAwait(false);
        var places = live.ColumnNames.Index().ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);
        await foreach (var row in store.ReadProjectionAsync(live, Slug, batch, asOf ?? Today, cancellationToken).ConfigureAwait(false))
        {
            yield return live == declared
                ? row
                : row with
                {
                    Values =
                    [
                        .. declared.ColumnNames.Select(column => places.TryGetValue(column, out var place) ? row.Values[place] : null),
                    ],
                };
        }
    }

    /// <summary>
    /// A question to a projection's live table about this client's rows: filter, order and pages, counts, facets, exports.
    /// </summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <exception cref="EnrichmentException">There is no such projection.</exception>
    public ProjectionQuery Query(string projection) => Query(definitions.Projection(projection));

    /// <summary>The same of a projection that need not be one of this host.</summary>
    internal ProjectionQuery Query(Projection projection) => new(store, store, time, telemetry, projection, Slug);

    /// <summary>What could not be cast into a projection's table, and which items have no row for want of a key.</summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">There is no such projection, or its table was never made.</exception>
    public async IAsyncEnumerable<ProjectionIssue> ReadIssuesAsync(
        string projection,
        Guid? batch = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var live = await LiveAsync(definitions.Projection(projection), cancellationToken).ConfigureAwait(false);
        await foreach (var issue in store.ReadIssuesAsync(live, Slug, batch, cancellationToken).ConfigureAwait(false))
        {
            yield return issue;
        }
    }

    /// <summary>
    /// Explains the cells of an item's row: of each column the value, its source, and what became of the values of the other sources.
    /// </summary>
    /// <remarks>
    /// The row is evaluated again, from the item's row and results as they are now. The table shows the same once it is up to date with
    /// the batch; until then <see cref="ExplainedCell.InTable"/> tells what its cell is from. Of a pruned batch the row that the live table
    /// has is explained. A table by key has the row of the youngest item with the key; the explanation is of this item's own row.
    /// </remarks>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="batch">The batch's id.</param>
    /// <param name="item">The item's number.</param>
    /// <param name="asOf">The day that <c>as_of</c> means in expressions. Null: today in UTC.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">
    /// There is no such projection, batch or item, or the batch was pruned and the table has no row of the item.
    /// </exception>
    public async Task<ExplainedRow> ExplainAsync(
        string projection,
        Guid batch,
        int item,
        DateOnly? asOf = null,
        CancellationToken cancellationToken = default)
    {
        var definition = definitions.Projection(projection);
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        var row = await ExplainAsync().ConfigureAwait(false);

        // Pruning waits for no reader: what was read meanwhile may lack results.
        if (found.PrunedAt is null
            && await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false) is { PrunedAt: not null } pruned)
        {
            found = pruned;
            row = await ExplainAsync().ConfigureAwait(false);
        }

        return row ?? throw new EnrichmentException(found.PrunedAt is null
            ? FormattableString.Invariant(
                $"Batch {batch} has no item {item}. An item's number is its row's in the file, from 1; rejected rows and rows that the launch left out are no items.")
            : FormattableString.Invariant(
                $"Batch {batch} was pruned, and the table '{definition.Table}' has no row of item {item}: its cells cannot be explained."));

        async Task<ExplainedRow?> ExplainAsync() => item < 1 ? null
            : await store.ExplainAsync(definition, found, item, asOf ?? Today, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The record of what was exported of this client's rows, the youngest export first.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    public IAsyncEnumerable<Export> ListExportsAsync(CancellationToken cancellationToken = default) =>
        store.ReadExportsAsync(Slug, cancellationToken);

    // The registry says what the table has, not the host.
    private async Task<Projection> LiveAsync(Projection declared, CancellationToken cancellationToken) =>
        await store.FindLiveAsync(declared, cancellationToken).ConfigureAwait(false) ?? declared;
}
