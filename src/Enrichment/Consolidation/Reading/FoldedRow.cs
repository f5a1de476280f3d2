using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Reading;

/// <summary>Which items gave the cells of the row to which an item is folded, by column.</summary>
internal static class FoldedRow
{
    /// <summary>Reads them from the live table; none if it does not fold columns, or has no row.</summary>
    /// <param name="session">The projection's statements.</param>
    /// <param name="live">The live version.</param>
    /// <param name="bound">The client, the batch and the item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<Dictionary<string, (Guid Batch, int Item)>> ReadAsync(
        ProjectionSession session, TableVersion live, Dictionary<string, object> bound, CancellationToken cancellationToken)
    {
        var givers = new Dictionary<string, (Guid, int)>(StringComparer.Ordinal);
        if (!live.Projection.FoldsColumns
            || await OriginAsync(session, live, bound, cancellationToken).ConfigureAwait(false) is not { Items.Count: > 0 } origin)
        {
            return givers;
        }

        var batches = await BatchesAsync(session, origin, cancellationToken).ConfigureAwait(false);
        foreach (var (place, column) in origin.Places.Zip(live.Projection.Stored.Where(column => column.HasSources)))
        {
            if (place is > RowOrigin.None and < RowOrigin.Uncounted)
            {
                var (batch, item) = origin.Items[place - 1];
                givers.Add(column.Name, (batches[batch], item));
            }
        }

        return givers;
    }

    private static async Task<FoldOrigin?> OriginAsync(
        ProjectionSession session, TableVersion live, Dictionary<string, object> bound, CancellationToken cancellationToken)
    {
        await using var command = session.Command(session.Dialect.SelectFolded(live), bound);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is byte[] bytes ? FoldOrigin.Read(bytes) : null;
    }

    private static async Task<Dictionary<int, Guid>> BatchesAsync(
        ProjectionSession session, FoldOrigin origin, CancellationToken cancellationToken)
    {
        var batches = origin.Items.Select(item => item.Batch).Distinct();
        await using var command = session.Command(session.Dialect.SelectBatches(batches), []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var ids = new Dictionary<int, Guid>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            ids.Add(reader.GetInt32(0), reader.GetGuid(1));
        }

        return ids;
    }
}
