using System.Data.Common;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>
/// Finds the items of a batch whose rows looked up a value that a list has gained or lost since, and those that have no row.
/// </summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="version">Whose rows.</param>
/// <param name="batch">The batch.</param>
/// <param name="changed">The marks of the values.</param>
internal sealed class AffectedItems(ProjectionSession session, TableVersion version, PlannedBatch batch, HashSet<ulong> changed)
{
    private const int BucketsAtOnce = 8;

    private readonly int atOnce = session.Dialect.ItemsAtOnce(batch.Items);
    private readonly int columns = batch.Plan.Columns.Count(column => column.Stored.HasSources);
    private List<(short Bucket, int Item)>? all;

    /// <summary>
    /// Adds the next of them to items that a pass takes next, in the order of bucket and item. What is beyond the last of either is left
    /// for the next time.
    /// </summary>
    /// <param name="bucket">The bucket of the last item that the pass has taken.</param>
    /// <param name="item">The last item.</param>
    /// <param name="others">The other items that it takes next, and whether there are more.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<(IReadOnlyList<(short Bucket, int Item)> Items, bool HasMore)> AfterAsync(
        short bucket,
        int item,
        (IReadOnlyList<(short Bucket, int Item)> Items, bool HasMore) others,
        CancellationToken cancellationToken)
    {
        var (found, hasMore) = await FindAsync((bucket, item), cancellationToken).ConfigureAwait(false);
        var last = (Bucket: short.MaxValue, Item: int.MaxValue);
        foreach (var end in new[] { hasMore ? found[^1] : last, others.HasMore ? others.Items[^1] : last })
        {
            last = end.CompareTo(last) < 0 ? end : last;
        }

        return ([.. found.Union(others.Items).Where(each => each.CompareTo(last) <= 0).Order()], hasMore || others.HasMore);
    }

    private async Task<(List<(short Bucket, int Item)> Items, bool HasMore)> FindAsync(
        (short Bucket, int Item) after, CancellationToken cancellationToken)
    {
        List<(short Bucket, int Item)> found = [];
        if (version.IsKeyed)
        {
            // A row is in the bucket of its key, and nothing is known of the order of items: they are found once for a transaction.
            if (all is null)
            {
                all = [];
                await ReadAsync(ProjectionSession.EveryBucket, (-1, 0), all, cancellationToken).ConfigureAwait(false);
            }

            found.AddRange(all.Where(each => each.CompareTo(after) > 0));
        }
        else
        {
            foreach (var buckets in batch.Buckets.SkipWhile(bucket => bucket < after.Bucket).Chunk(BucketsAtOnce))
            {
                await ReadAsync(buckets, after, found, cancellationToken).ConfigureAwait(false);
                if (found.Count > atOnce)
                {
                    break;
                }
            }
        }

        found.Sort();
        return found.Count > atOnce ? (found[..atOnce], true) : (found, false);
    }

    // An item without a row has no marks: it may have a row by the list as it is now.
    private async Task ReadAsync(
        IReadOnlyList<short> buckets, (short, int) after, List<(short, int)> found, CancellationToken cancellationToken)
    {
        var dialect = session.Dialect;
        await ReadAsync(
            dialect.SelectOrigins(version, buckets),
            reader => RowOrigin.HasLookedUp(reader.GetFieldValue<byte[]>(1), columns, batch.Plan.Stages.Count, changed),
            after,
            found,
            cancellationToken).ConfigureAwait(false);
        if (batch.Plan.HasRows && dialect.SelectWithoutRow(version, buckets) is { } withoutRow)
        {
            await ReadAsync(withoutRow, _ => true, after, found, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(
        string sql, Func<DbDataReader, bool> isAffected, (short, int) after, List<(short, int)> found, CancellationToken cancellationToken)
    {
        await using var command = session.Command(sql, new() { ["client"] = batch.Client, ["batch"] = batch.Key });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var item = reader.GetInt32(0);
            var place = ((short)Bucket.Of(batch.UploadId, item), item);
            if (place.CompareTo(after) > 0 && isAffected(reader))
            {
                found.Add(place);
            }
        }
    }
}
