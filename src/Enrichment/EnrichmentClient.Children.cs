using System.Runtime.CompilerServices;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;

namespace Enrichment;

/// <content>Child tables of projections: a row of each element of an array.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>This client's rows of a child table of a projection's live version, ordered by batch, item and key.</summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="child">The child table, by the name that expressions have for it or by its table's.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">There is no such projection or child table, or its table was never made.</exception>
    public async IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        string projection,
        string child,
        Guid? batch = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var live = await LiveAsync(definitions.Projection(projection), cancellationToken).ConfigureAwait(false);
        await foreach (var row in store
            .ReadChildrenAsync(live, live.ChildNamed(child), Slug, batch, cancellationToken)
            .ConfigureAwait(false))
        {
            yield return row;
        }
    }

    /// <summary>Writes this client's rows of a child table as CSV: batch and item of each row, then the columns of the table.</summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="child">The child table, by the name that expressions have for it or by its table's.</param>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="batch">Only the rows of this batch; null for all.</param>
    /// <param name="format">Null: <see cref="CsvFormat.Default"/>. A child row has no status of its own.</param>
    /// <param name="cancellationToken">Ends the export; written rows stay written.</param>
    /// <returns>How many rows were written.</returns>
    /// <exception cref="EnrichmentException">
    /// There is no such projection or child table, its table was never made, or the format has the status.
    /// </exception>
    public async Task<long> ExportChildrenAsync(
        string projection,
        string child,
        Stream output,
        Guid? batch = null,
        CsvFormat? format = null,
        CancellationToken cancellationToken = default)
    {
        if (format is { WithStatus: true })
        {
            throw new EnrichmentException("CsvFormat.WithStatus is for rows of items: a child row has no status of its own. Leave WithStatus out.");
        }

        var live = await LiveAsync(definitions.Projection(projection), cancellationToken).ConfigureAwait(false);
        var place = live.ChildNamed(child);
        var rows = await CsvExport
            .WriteAsync(
                store.ReadChildrenAsync(live, place, Slug, batch, cancellationToken)
                    .Select(row => row with { Values = [row.Batch.ToString(), (long)row.Item, .. row.Values] }),
                null,
                ["batch", "item", .. live.Children[place].Visible.Select(column => column.Name)],
                output,
                format ?? CsvFormat.Default,
                cancellationToken)
            .ConfigureAwait(false);
        telemetry.Exported(rows);
        return rows;
    }
}
