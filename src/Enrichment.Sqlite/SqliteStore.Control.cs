using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <content>What operators, the sequencer and the sweep do to batches.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task<bool> SetPausedAsync(int batch, bool paused, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Number(paused ? "pause_batch" : "resume_batch", ("@batch", batch)) is not null, cancellationToken);

    /// <inheritdoc />
    public Task<bool> SetPriorityAsync(int batch, short priority, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Number("set_priority", ("@batch", batch), ("@priority", priority)) is not null, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<MovedItems>?> CancelAsync(int batch, CancellationToken cancellationToken)
    {
        var changed = await WriteAsync(session => session.Number("cancel_batch", ("@batch", batch)), cancellationToken).ConfigureAwait(false);
        if (changed is null)
        {
            return null;
        }

        var cancelled = new List<MovedItems>();
        foreach (var (open, bucket) in await FindUncancelledAsync(cancellationToken).ConfigureAwait(false))
        {
            if (open == batch)
            {
                cancelled.AddRange(await CancelBucketAsync(batch, bucket, cancellationToken).ConfigureAwait(false));
            }
        }

        return cancelled;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<MovedItems>> CancelBucketAsync(int batch, short bucket, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<MovedItems>>(
            session =>
            {
                var cancelled = session.Query(
                    "cancel_bucket",
                    row => new MovedItems(batch, row.GetInt16(0), Status.Cancelled, row.GetInt32(1)),
                    ("@batch", batch),
                    ("@bucket", bucket));
                var left = session.Query(
                    "leave_requests",
                    row => new EntityRequest(row.GetInt16(0), row.GetInt32(1), row.GetInt32(2)),
                    ("@batch", batch),
                    ("@bucket", bucket));
                return [.. cancelled, .. DropUnreferenced(session, left)];
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken) =>
        await ReadAsync(session => session.Query("find_uncancelled", row => (row.GetInt32(0), row.GetInt16(1))), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<int> RetryAsync(int batch, short stage, IReadOnlyList<int> items, bool sameKey, CancellationToken cancellationToken) =>
        WriteAsync(session => Retry(session, batch, stage, items, sameKey), cancellationToken);

    /// <inheritdoc />
    public Task<int> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            session.Run("savepoint resolved");
            if (session.Execute("reopen", ("@batch", request.Batch), ("@kind", request.Kind), ("@detail", request.Detail)) == 0)
            {
                session.Run("release resolved");
                return 0;
            }

            var upload = LoadBatch(session, request.Batch).UploadId;
            var ended = 0;
            foreach (var group in request.Items.GroupBy(item => Bucket.Of(upload, item)))
            {
                ended += (int)session.Number(
                    "resolve",
                    ("@bucket", group.Key),
                    ("@batch", request.Batch),
                    ("@stage", request.Stage),
                    ("@items", JsonRows.Of(group)),
                    ("@status", (int)request.Status),
                    ("@result", request.ResultText),
                    ("@error", request.Reason),
                    ("@advances", request.Advances))!;
            }

            // As above.
            session.Run(ended > 0 ? "release resolved" : "rollback to resolved");
            return ended;
        },
        cancellationToken);

    private static int Retry(SqliteSession session, int batch, short stage, IReadOnlyList<int> items, bool sameKey)
    {
        session.Run("savepoint retry");
        var detail = $$"""{"stage":{{stage}},"chosen":{{items.Count}}{{(sameKey ? ""","sameKey":true""" : "")}}}""";
        if (session.Execute("reopen", ("@batch", batch), ("@kind", "retried"), ("@detail", detail)) == 0)
        {
            session.Run("release retry");
            return 0;
        }

        var upload = LoadBatch(session, batch).UploadId;
        var stages = JsonRows.Of(Stages(session, batch));
        var begun = 0;
        foreach (var group in items.GroupBy(item => Bucket.Of(upload, item)))
        {
            begun += (int)session.Number(
                "retry_bucket",
                ("@bucket", group.Key),
                ("@batch", batch),
                ("@stage", stage),
                ("@stages", stages),
                ("@items", JsonRows.Of(group)),
                ("@sameKey", sameKey))!;
        }

        // Nothing began: the batch and its events stay as they were.
        session.Run(begun > 0 ? "release retry" : "rollback to retry");
        return begun;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RangeKey>> FindToAdvanceAsync(int limit, CancellationToken cancellationToken) =>
        await ReadAsync(session => session.Query("find_to_advance", ReadRange, ("@limit", limit)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<int> AdvanceAsync(RangeKey range, bool last, bool optional, CancellationToken cancellationToken) =>
        WriteAsync(
            session => (int)session.Number(
                "advance",
                ("@bucket", range.Bucket),
                ("@batch", range.Batch),
                ("@stage", range.Stage),
                ("@last", last),
                ("@optional", optional))!,
            cancellationToken);

    /// <inheritdoc />
    public Task<int> RepairRangesAsync(CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            session.Execute("drop_intervals");
            return (int)session.Number("repair_ranges")!;
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> CompleteBatchesAsync(CancellationToken cancellationToken) => await WriteAsync(
        session => session.Query("complete_batches", row => row.GetInt32(0)).ConvertAll(batch => LoadBatch(session, batch)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<bool> HasOpenWorkAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        IReadOnlyCollection<(int Batch, short Stage)> unable,
        CancellationToken cancellationToken) =>
        ReadAsync(
            session => session.Number("has_open_work", ("@except", StagesOfBatches(except)), ("@unable", StagesOfBatches(unable))) == 1,
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> FindUnableAsync(CancellationToken cancellationToken) =>
        await ReadAsync(session => session.Query("find_unable", row => row.GetInt32(0)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<Backlog> ReadBacklogAsync(CancellationToken cancellationToken) => ReadAsync(
        session => Backlog.Of(
            session.Query(
                "read_backlog",
                row => (
                    row.IsDBNull(0) ? null : row.GetString(0),
                    row.GetInt64(1),
                    TimeSpan.FromMilliseconds(row.GetInt64(2)),
                    TimeSpan.FromMilliseconds(row.GetInt64(3)),
                    row.GetInt32(4)))),
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("find_unconsolidated", row => row.GetInt32(0)).ConvertAll(batch => LoadBatch(session, batch)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("mark_consolidated", ("@batch", batch.Key), ("@version", batch.Version)), cancellationToken);

    /// <inheritdoc />
    public Task BeginObservingAsync(CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("begin_observing"), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUnobservedAsync(CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query("find_unobserved", row => row.GetInt32(0)).ConvertAll(batch => LoadBatch(session, batch)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task MarkObservedAsync(Batch batch, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("mark_observed", ("@batch", batch.Key), ("@version", batch.Version)), cancellationToken);
}
