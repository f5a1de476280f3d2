using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Entities: requested once for all their waiters.</content>
internal sealed partial class SqliteStore
{
    private const int AnswersAtOnce = 100;
    private const int AnswerBytesAtOnce = 8 << 20;
    private const int OrphansAtOnce = 1000;

    /// <inheritdoc />
    public Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                var found = session.Query(
                    "open_request_batch",
                    row =>
                        (
                            Batch: row.GetInt32(0),
                            Version: row.GetInt32(1),
                            Upload: row.GetInt32(2),
                            UploadId: row.GetGuid(3),
                            Status: (BatchStatus)row.GetInt32(4),
                            Current: row.GetBoolean(5)),
                    ("@clientId", Guid.CreateVersion7()),
                    ("@client", request.Client),
                    ("@key", request.Key),
                    ("@answers", request.Answers.ToArray()),
                    ("@id", request.Id),
                    ("@uploadId", request.UploadId),
                    ("@fingerprint", SHA256.HashData(request.UploadId.ToByteArray())),
                    ("@columns", JsonSerializer.Serialize(request.Fields)),
                    (
                        "@headerMap",
                        JsonSerializer.Serialize(
                            request
                                .Fields.Select((field, position) => (field, position))
                                .ToDictionary(field => field.field, field => new[] { field.position }))),
                    ("@pipeline", request.Pipeline),
                    ("@snapshot", request.Snapshot));
                var (batch, version, upload, uploadId, status, _) = found.Find(each => each.Current);
                return batch > 0 && status is BatchStatus.Pending or BatchStatus.Running or BatchStatus.Paused
                    ? new EntityRequestBatch(batch, version, upload, uploadId, [.. found.Select(each => each.Batch)])
                    : null;
            },
            cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<RequestedEntity>?> RequestAsync(
        EntityRequestSet request, CancellationToken cancellationToken) => WriteAsync<IReadOnlyList<RequestedEntity>?>(
        session =>
        {
            var requested = new RequestedEntity[request.Entities.Count];
            foreach (var bucket in request.Entities.Select((entity, number) => (entity, number)).GroupBy(each => each.entity.Bucket))
            {
                var entities = bucket.ToList();
                if (RequestIn(session, request, bucket.Key, [.. entities.Select(each => each.entity)]) is not { } found)
                {
                    return null;
                }

                foreach (var ((_, number), answer) in entities.Zip(found))
                {
                    requested[number] = answer;
                }
            }

            return requested;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(
        Lease lease,
        string owner,
        IReadOnlyList<EntityWaiter> waits,
        TimeSpan actsAfter,
        CancellationToken cancellationToken)
    {
        var set = JsonRows.Of(waits, (cells, wait) =>
        {
            cells.WriteNumberValue(wait.Item);
            cells.WriteNumberValue(wait.Attempt);
            cells.WriteNumberValue(wait.Generation);
            cells.WriteNumberValue(wait.EntityRequest.Bucket);
            cells.WriteNumberValue(wait.EntityRequest.Batch);
            cells.WriteNumberValue(wait.EntityRequest.Item);
        });
        return WriteAsync<IReadOnlyList<EntityRequest>>(
            session =>
            {
                session.Execute(
                    "await_entities",
                    ("@bucket", lease.Range.Bucket),
                    ("@batch", lease.Range.Batch),
                    ("@stage", lease.Range.Stage),
                    ("@lo", lease.Lo),
                    ("@token", lease.Token),
                    ("@owner", owner),
                    ("@waits", set),
                    ("@actsAfter", actsAfter));
                return
                [
                    .. waits
                        .Select(wait => wait.EntityRequest)
                        .Distinct()
                        .GroupBy(request => request.Range)
                        .Where(range => RecheckEnded(session, range.Key, range.Select(request => request.Item)) > 0)
                        .SelectMany(range => range),
                ];
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<int> CompleteWaitersAsync(RangeKey requests, IReadOnlyList<int>? items, CancellationToken cancellationToken) =>
        WriteAsync(session => Share(session, requests, items), cancellationToken);

    /// <inheritdoc />
    public async Task<int> ReconcileRequestsAsync(CancellationToken cancellationToken)
    {
        // Looked for beside the writer first: most often there is nothing.
        var (idle, orphans) = await ReadAsync(session => (FindIdle(session), FindOrphaned(session)), cancellationToken)
            .ConfigureAwait(false);
        if (idle.Count > 0)
        {
            await WriteAsync(
                session =>
                {
                    FindIdle(session).ForEach(batch => session.Execute("end_request_batches", ("@batch", batch)));
                    return 0;
                },
                cancellationToken).ConfigureAwait(false);
        }

        // What is damaged in one range keeps no other waiting; it is told at the end.
        var changed = 0;
        ExceptionDispatchInfo? fault = null;
        foreach (var range in orphans.GroupBy(orphan => (orphan.Requests, orphan.Gone)))
        {
            try
            {
                changed += await WriteAsync(
                        session => Reconcile(session, range.Key.Requests, range.Key.Gone, [.. range]),
                        cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                fault ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        fault?.Throw();
        return changed;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query(
                        "read_savings",
                        row => new EntitySavings(
                            row.GetInt16(0),
                            row.GetInt32(1),
                            row.GetInt32(2),
                            row.TextOrNull(3) is { } cost ? decimal.Parse(cost, CultureInfo.InvariantCulture) : null),
                        ("@batch", batch)),
                cancellationToken)
            .ConfigureAwait(false);

    private static int Reconcile(
        SqliteSession session,
        RangeKey requests,
        bool gone,
        List<(short Bucket, RangeKey Requests, int EntityRequest, bool Gone)> orphans)
    {
        int[] items = [.. orphans.Select(orphan => orphan.EntityRequest).Distinct()];
        if (gone)
        {
            List<SqliteEndedRequest> lost =
            [
                .. items.Select(item => new SqliteEndedRequest(item, (int)Status.Cancelled, null, null, null, null, 0, 0)),
            ];
            return Share(session, requests.Batch, lost, orphans.Select(orphan => orphan.Bucket).Distinct());
        }

        RecheckEnded(session, requests, items);
        return Share(session, requests, items);
    }

    private static List<int> FindIdle(SqliteSession session) => session.Query("find_idle_request_batches", row => row.GetInt32(0));

    private static List<(short Bucket, RangeKey Requests, int EntityRequest, bool Gone)> FindOrphaned(SqliteSession session) =>
        session.Query(
            "find_orphaned_waiters",
            row => (row.GetInt16(0), new RangeKey(row.GetInt16(3), row.GetInt32(4), 1), row.GetInt32(5), row.GetBoolean(6)),
            ("@limit", OrphansAtOnce));

    private static List<RequestedEntity>? RequestIn(
        SqliteSession session,
        EntityRequestSet request,
        short bucket,
        List<WantedEntity> entities)
    {
        using var requests = JsonSet.Of(
            entities,
            entities.Sum(entity => entity.Key.Length + (entity.Raw.Length * 5 / 4) + 16),
            (cells, entity) =>
            {
                cells.WriteStringValue(entity.Key);
                cells.WriteStringValue(entity.Raw.Span);
                cells.WriteNumberValue(entity.Permitted ? 1 : 0);
            });
        var found = session.Query(
            "request_entities",
            row => new RequestedEntity(
                new(bucket, row.GetInt32(1), row.GetInt32(2)),
                (StepOutcomeKind?)row.IntOrNull(4),
                row.IsDBNull(5) ? default : row.Bytes(5),
                row.GetBoolean(3)),
            ("@bucket", bucket),
            ("@batch", request.Batch.Batch),
            ("@stage", 1),
            ("@review", request.Review),
            ("@version", request.Batch.Version),
            ("@upload", request.Batch.Upload),
            ("@batches", JsonRows.Of(request.Batch.All)),
            ("@requests", requests.Text),
            ("@waiterBucket", request.WaiterBucket),
            ("@offset", request.Batch.OffsetOf(bucket)),
            ("@fresh", request.Fresh),
            ("@freshNotFound", request.FreshNotFound),
            ("@since", request.Since?.ToUnixTimeMilliseconds()));
        return found.Count == entities.Count ? found : null;
    }

    private static int RecheckEnded(SqliteSession session, RangeKey requests, IEnumerable<int> items) =>
        (int)
            session.Number(
                "recheck_ended_requests",
                ("@bucket", requests.Bucket),
                ("@batch", requests.Batch),
                ("@stage", requests.Stage),
                ("@items", JsonRows.Of(items)))!;

    /// <summary>Withdraws the requests without waiters.</summary>
    private static void DropUnreferenced(SqliteSession session, List<EntityRequest> requests)
    {
        foreach (var range in requests.Distinct().GroupBy(request => request.Range))
        {
            var unreferenced = session.Query(
                "find_unreferenced_requests",
                row => (Item: row.GetInt32(0), Callers: row.GetInt32(1)),
                ("@bucket", range.Key.Bucket),
                ("@batch", range.Key.Batch),
                ("@items", JsonRows.Of(range.Select(request => request.Item))));
            var set = JsonRows.Of(
                unreferenced,
                (cells, request) =>
                {
                    cells.WriteNumberValue(request.Item);
                    cells.WriteNumberValue(request.Callers);
                });
            session.Number(
                "drop_requests",
                ("@bucket", range.Key.Bucket),
                ("@batch", range.Key.Batch),
                ("@stage", range.Key.Stage),
                ("@requests", set));
        }
    }

    private static int Share(SqliteSession session, RangeKey requests, IReadOnlyList<int>? items)
    {
        var changed = 0;
        while (true)
        {
            var answers = session.Query(
                "find_answers",
                ReadAnswer,
                ("@bucket", requests.Bucket),
                ("@batch", requests.Batch),
                ("@stage", requests.Stage),
                ("@first", items is null ? 0 : items.Min()),
                ("@last", items is null ? int.MaxValue : items.Max()),
                ("@items", items is null ? null : JsonRows.Of(items)),
                ("@limit", AnswersAtOnce),
                ("@byteLimit", AnswerBytesAtOnce));
            if (answers.Count == 0)
            {
                return changed;
            }

            var mask = answers.Aggregate(0UL, (all, answer) => all | answer.Waiting);
            changed += Share(
                session,
                requests.Batch,
                answers,
                Enumerable.Range(0, Bucket.Count).Where(bucket => (mask & (1UL << bucket)) != 0).Select(bucket => (short)bucket));
            var shared = JsonRows.Of(
                answers,
                (cells, answer) =>
                {
                    cells.WriteNumberValue(answer.Item);
                    cells.WriteNumberValue(answer.Callers);
                });
            session.Number(
                "mark_waiters_completed",
                ("@bucket", requests.Bucket),
                ("@batch", requests.Batch),
                ("@stage", requests.Stage),
                ("@requests", shared));
        }
    }

    private static int Share(SqliteSession session, int requestBatch, List<SqliteEndedRequest> answers, IEnumerable<short> buckets)
    {
        var waits = session.Query(
            "find_waits",
            row => (Range: ReadRange(row), EntityRequest: row.GetInt32(3)),
            ("@buckets", JsonRows.Of(buckets)),
            ("@requestBatch", requestBatch),
            ("@requestItems", JsonRows.Of(answers.Select(answer => answer.Item))));
        return waits.GroupBy(wait => wait.Range, wait => wait.EntityRequest).Sum(range =>
        {
            var requests = range.ToHashSet();
            using var shared = Rows(answers.FindAll(answer => requests.Contains(answer.Item)));
            return session.Query(
                "complete_waiters",
                row => row.GetInt32(0),
                ("@bucket", range.Key.Bucket),
                ("@batch", range.Key.Batch),
                ("@stage", range.Key.Stage),
                ("@requestBatch", requestBatch),
                ("@answers", shared.Text)).Count;
        });
    }

    private static JsonSet Rows(List<SqliteEndedRequest> answers) =>
        JsonSet.Of(
            answers,
            answers.Sum(answer => ((answer.Data?.Length ?? 0) * 5 / 4) + 64),
            (cells, answer) =>
            {
                cells.WriteNumberValue(answer.Item);
                cells.WriteNumberValue(answer.Status);
                cells.WriteNumberOrNull(answer.Kind);
                if (answer.Data is { } data)
                {
                    cells.WriteStringValue(data);
                }
                else
                {
                    cells.WriteNullValue();
                }

        cells.WriteNumberOrNull(answer.ErrorClass);
        cells.WriteStringValue(answer.Error);
    });

    private static SqliteEndedRequest ReadAnswer(SqliteDataReader row) =>
        new(
            row.GetInt32(0),
            row.GetInt32(1),
            row.IntOrNull(4),
            row.IsDBNull(5) ? null : row.Bytes(5),
            row.IntOrNull(2),
            row.TextOrNull(3),
            (ulong)row.GetInt64(6),
            row.GetInt32(7));

    private sealed record SqliteEndedRequest(
        int Item,
        int Status,
        int? Kind,
        byte[]? Data,
        int? ErrorClass,
        string? Error,
        ulong Waiting,
        int Callers);
}
