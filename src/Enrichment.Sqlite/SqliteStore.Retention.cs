using System.Runtime.CompilerServices;
using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <content>
/// Retention: rows are deleted by key in bounded steps. Their pages are used again; the file itself shrinks by <c>vacuum</c> alone.
/// </content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async IAsyncEnumerable<Batch> FindPrunableAsync(PruneQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int? after = null;
        List<Batch> page;
        do
        {
            page = await ReadAsync(
                session => session.Query(
                    "find_prunable",
                    row => row.GetInt32(0),
                    ("@olderThan", query.OlderThan),
                    ("@client", query.Client),
                    ("@consolidated", query.Consolidated),
                    ("@after", after),
                    ("@limit", BatchPage)).ConvertAll(batch => LoadBatch(session, batch)),
                cancellationToken).ConfigureAwait(false);
            foreach (var batch in page)
            {
                yield return batch;
                after = batch.Key;
            }
        }
        while (page.Count == BatchPage);
    }

    /// <inheritdoc />
    public Task<bool> MarkPrunedAsync(Batch batch, string detail, CancellationToken cancellationToken) => WriteAsync(
        session => session.Number("mark_pruned", ("@batch", batch.Key), ("@version", batch.Version), ("@detail", detail)) is not null,
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUndeletedAsync(CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("find_undeleted", row => row.GetInt32(0)).ConvertAll(batch => LoadBatch(session, batch)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<int> DeletePrunedAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in RunsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            yield return await WriteAsync(
                session => session.Execute(
                    "prune_items",
                    ("@bucket", run.Bucket),
                    ("@batch", batch.Key),
                    ("@stages", JsonRows.Of(Stages(session, batch.Key))),
                    ("@first", run.First),
                    ("@last", run.Last)),
                cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(session => session.Execute("prune_upload", ("@upload", batch.Upload)), cancellationToken).ConfigureAwait(false);
        if ((await FindUploadAsync(batch.Client, batch.UploadId, cancellationToken).ConfigureAwait(false))?.PrunedAt is not null)
        {
            await foreach (var run in RunsAsync(batch, cancellationToken).ConfigureAwait(false))
            {
                yield return await WriteAsync(
                        session =>
                            session.Execute(
                                "prune_rows",
                                ("@bucket", run.Bucket),
                                ("@upload", batch.Upload),
                                ("@first", run.First),
                                ("@last", run.Last)),
                        cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        await WriteAsync(session => session.Execute("forget_samples", ("@batch", batch.Key)), cancellationToken).ConfigureAwait(false);
        await WriteAsync(session => session.Execute("mark_deleted", ("@batch", batch.Key)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<int> MaintainPartitionsAsync(CancellationToken cancellationToken) => Task.FromResult(0);

    /// <inheritdoc />
    public Task<int> ForgetWorkersAsync(TimeSpan unseen, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("forget_workers", ("@unseen", unseen)), cancellationToken);

    /// <inheritdoc />
    public Task<bool> TakeSingletonLeaseAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken) =>
        WriteAsync(
            session => session.Number("take_singleton_lease", ("@name", name), ("@owner", owner), ("@duration", duration)) is not null,
            cancellationToken);

    /// <inheritdoc />
    public Task EndSingletonLeaseAsync(string name, string owner, TimeSpan pause, CancellationToken cancellationToken) => WriteAsync(
        session => session.Execute("end_singleton_lease", ("@name", name), ("@owner", owner), ("@pause", pause)),
        cancellationToken);
}
