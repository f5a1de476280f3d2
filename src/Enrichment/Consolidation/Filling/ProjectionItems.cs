using System.Data.Common;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>Finds the next items of a pass, in the order of bucket and item.</summary>
internal sealed class ProjectionItems(ProjectionSession session, PlannedBatch batch)
{
    private const int FewBuckets = 16;

    private readonly int atOnce = session.Dialect.ItemsAtOnce(batch.Items);

    /// <summary>The items after one, and whether there are more.</summary>
    /// <param name="bucket">The bucket of the last item.</param>
    /// <param name="item">The last item.</param>
    /// <param name="since">Only those that were retried since this version of the batch; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<(IReadOnlyList<(short Bucket, int Item)> Items, bool HasMore)> AfterAsync(
        short bucket, int item, int? since, CancellationToken cancellationToken)
    {
        var dialect = session.Dialect;
        await using var command = session.Command(dialect.Sql[since is null ? "find_items" : "find_retried"], new(dialect.Buckets([]))
        {
            ["batch"] = batch.Key,
            ["bucket"] = bucket,
            ["item"] = item,
            ["limit"] = atOnce + 1,
        });
        if (since is { } version)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("since", version);
            command.Parameters.Add(parameter);
        }

        // A whole batch has about as many items in each bucket. How many were retried is not known: if some buckets do not have enough, the
        // others are taken at once.
        var left = batch.Buckets.SkipWhile(each => each < bucket).ToList();
        var inBucket = Math.Max(1, batch.Items / Math.Max(1, batch.Buckets.Count));
        var together = since is null ? Math.Max(1, atOnce / inBucket) : FewBuckets;
        var found = new List<(short, int)>();
        while (left.Count > 0 && found.Count <= atOnce)
        {
            var buckets = left[..Math.Min(together, left.Count)];
            left.RemoveRange(0, buckets.Count);
            together = since is null ? together : Bucket.Count;
            foreach (var (name, value) in dialect.Buckets(buckets))
            {
                command.Parameters[name].Value = value;
            }

            command.Parameters["limit"].Value = atOnce + 1 - found.Count;
            await dialect.PrepareAsync(command, cancellationToken).ConfigureAwait(false);
            await ReadAsync(command, found, cancellationToken).ConfigureAwait(false);
        }

        return found.Count > atOnce ? (found[..atOnce], true) : (found, false);
    }

    private static async Task ReadAsync(DbCommand command, List<(short Bucket, int Item)> found, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add((reader.GetInt16(0), reader.GetInt32(1)));
        }
    }
}
