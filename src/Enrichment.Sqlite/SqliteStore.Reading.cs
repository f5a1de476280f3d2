using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>The read side: in row order, a run of neighbours at a time, by primary key, without caps.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task RegisterManifestsAsync(IReadOnlyList<StepManifest> manifests, CancellationToken cancellationToken)
    {
        var set = JsonRows.Of(manifests, (cells, manifest) =>
        {
            cells.WriteStringValue(manifest.Slug);
            cells.WriteStringValue(manifest.Version);
            cells.WriteStringValue(JsonSerializer.Serialize(manifest));
        });
        return WriteAsync(session => session.Execute("register_manifests", ("@manifests", set)), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StepManifest>> ReadManifestsAsync(CancellationToken cancellationToken) =>
        await ReadAsync(
                session => session.Query("read_manifests", row => JsonSerializer.Deserialize<StepManifest>(row.GetString(0))!),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<TokenKey>> ReadTokenKeysAsync(CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query(
                        "read_token_keys",
                        row => new TokenKey((byte)row.GetInt32(0), row.Bytes(1), row.GetBoolean(2)),
                        ("@settledAfter", TimeSpan.FromMinutes(2))),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StageCounts>> ReadProgressAsync(int batch, CancellationToken cancellationToken) =>
        await ReadAsync(session => Progress(session, batch), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<ItemState> ReadStatesAsync(
        int batch,
        Status? status,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        await foreach (var run in RunsAsync(found, cancellationToken).ConfigureAwait(false))
        {
            foreach (var state in await ReadAsync(
                session => session.Query(
                    "read_states",
                    ReadState,
                    ("@bucket", run.Bucket),
                    ("@batch", batch),
                    ("@stages", JsonRows.Of(Stages(session, batch))),
                    ("@first", run.First),
                    ("@last", run.Last),
                    ("@status", (int?)status)),
                cancellationToken).ConfigureAwait(false))
            {
                yield return state;
            }
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(
        int batch,
        short bucket,
        int item,
        CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query(
                        "read_timeline",
                        row => new TimelineEntry(
                            row.Moment(0),
                            row.GetInt16(1),
                            (short?)row.IntOrNull(2),
                            row.IntOrNull(3),
                            row.GetString(4),
                            row.TextOrNull(5)),
                        ("@bucket", bucket),
                        ("@batch", batch),
                        ("@stages", JsonRows.Of(Stages(session, batch))),
                        ("@item", item)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredResult> ReadResultsAsync(int batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        await foreach (var run in PartsAsync(found, cancellationToken).ConfigureAwait(false))
        {
            foreach (var result in await ReadAsync(session => Results(session, batch, run), cancellationToken).ConfigureAwait(false))
            {
                yield return result;
            }
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ItemSnapshot> ReadItemsAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in PartsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            foreach (var item in await ReadAsync(session => Items(session, batch, run), cancellationToken).ConfigureAwait(false))
            {
                yield return item;
            }
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<BatchEvent>> ReadEventsAsync(int batch, CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query(
                        "read_events",
                        row => new BatchEvent(row.GetString(0), row.TextOrNull(1), row.Moment(2)),
                        ("@batch", batch)),
                cancellationToken)
            .ConfigureAwait(false);

    private static List<StageCounts> Progress(SqliteSession session, int batch) => session.Query(
        "read_progress",
        row => new StageCounts
        {
            Stage = row.GetInt16(0),
            Pending = row.GetInt32(1),
            InProgress = row.GetInt32(2),
            Completed = row.GetInt32(3),
            Failed = row.GetInt32(4),
            Skipped = row.GetInt32(5),
            Cancelled = row.GetInt32(6),
            ToAdvance = row.GetInt32(7),
        },
        ("@batch", batch));

    // The stages that any item has reached, so that each can be read by key.
    private static IEnumerable<short> Stages(SqliteSession session, int batch) => Progress(session, batch).Select(counts => counts.Stage);

    private static List<ItemSnapshot> Items(SqliteSession session, Batch batch, BucketRun run)
    {
        var results = Results(session, batch.Key, run).ToLookup(result => result.Item, result => (result.Stage, result.Data));
        return session.Query(
            "read_batch_rows",
            row => new ItemSnapshot(
                row.GetInt32(0),
                row.Bytes(1),
                [.. results[row.GetInt32(0)]],
                row.GetInt16(2),
                (Status)row.GetInt32(3),
                row.TextOrNull(4)),
            ("@bucket", run.Bucket),
            ("@batch", batch.Key),
            ("@upload", batch.Upload),
            ("@stages", JsonRows.Of(Stages(session, batch.Key))),
            ("@first", run.First),
            ("@last", run.Last));
    }

    private static List<StoredResult> Results(SqliteSession session, int batch, BucketRun run) =>
        session.Query(
            "read_results",
            row => new StoredResult(
                row.GetInt32(0),
                row.GetInt16(1),
                row.GetInt32(2),
                (StepOutcomeKind)row.GetInt32(3),
                row.Bytes(4),
                row.Moment(5)),
            ("@bucket", run.Bucket),
            ("@batch", batch),
            ("@stages", JsonRows.Of(Stages(session, batch))),
            ("@first", run.First),
            ("@last", run.Last));

    private async IAsyncEnumerable<BucketRun> RunsAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var upload = await FindUploadAsync(batch.Client, batch.UploadId, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Batch {batch.Id} refers to upload {batch.UploadId}, which does not exist.");
        foreach (var run in BucketRun.Of(upload.Id, upload.Accepted + upload.Rejected))
        {
            yield return run;
        }
    }

    private async IAsyncEnumerable<BucketRun> PartsAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in RunsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            var parts = await ReadAsync(
                    session => PartsOf(session, run, batch.Upload, batch.Key, Stages(session, batch.Key)),
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var part in parts)
            {
                yield return part;
            }
        }
    }

    private static List<BucketRun> PartsOf(SqliteSession session, BucketRun run, int upload, int batch, IEnumerable<short> stages) =>
        [
            .. run.Within(
                session.Query(
                    "measure_items",
                    row => (row.GetInt32(0), row.GetInt64(1)),
                    ("@bucket", run.Bucket),
                    ("@upload", upload),
                    ("@batch", batch),
                    ("@stages", JsonRows.Of(stages)),
                    ("@first", run.First),
                    ("@last", run.Last))),
        ];

    private static ItemState ReadState(SqliteDataReader row) => new()
    {
        Item = row.GetInt32(0),
        Stage = row.GetInt16(1),
        Generation = row.GetInt16(2),
        Status = (Status)row.GetInt32(3),
        Attempt = row.GetInt32(4),
        Tries = row.GetInt16(5),
        Reason = row.TextOrNull(6),
        ActsAt = row.MomentOrNull(7),
        ErrorClass = (ErrorClass?)row.IntOrNull(8),
        Error = row.TextOrNull(9),
        UpdatedAt = row.Moment(10),
    };
}
