using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <content>Entities: requested once for all their waiters.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                var positions = request.Fields.Index().ToDictionary(field => field.Item, field => new[] { field.Index });
                var found = session.Query(
                    "open_request_batch",
                    row => (
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
                    ("@headerMap", JsonSerializer.Serialize(positions)),
                    ("@pipeline", request.Pipeline),
                    ("@snapshot", request.Snapshot));
                var (batch, version, upload, uploadId, status, _) = found.Find(each => each.Current);
                return batch > 0 && status is BatchStatus.Pending or BatchStatus.Running or BatchStatus.Paused
                    ? new EntityRequestBatch(batch, version, upload, uploadId, [.. found.Select(each => each.Batch)])
                    : null;
            },
            cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<RequestedEntity>?>(session => Request(session, request), cancellationToken);

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
    public async Task<int> CountAnsweredAsync(AnsweredEntities request, CancellationToken cancellationToken)
    {
        var entities = JsonRows.Of(request.Entities, (cells, entity) =>
        {
            cells.WriteNumberValue(entity.Bucket);
            cells.WriteStringValue(entity.Key);
        });
        return (int)(await ReadAsync(
            session => session.Number(
                "count_answered",
                ("@client", request.Client),
                ("@answers", request.Answers.ToArray()),
                ("@entities", entities),
                ("@fresh", request.Fresh),
                ("@freshNotFound", request.FreshNotFound),
                ("@refresh", request.Refresh),
                ("@review", request.Review)),
            cancellationToken).ConfigureAwait(false))!.Value;
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

    private static RequestedEntity[]? Request(SqliteSession session, EntityRequestSet request)
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
    }

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
        (int)session.Number(
            "recheck_ended_requests",
            ("@bucket", requests.Bucket),
            ("@batch", requests.Batch),
            ("@stage", requests.Stage),
            ("@items", JsonRows.Of(items)))!;

    /// <summary>Withdraws the requests without waiters.</summary>
    private static List<MovedItems> DropUnreferenced(SqliteSession session, List<EntityRequest> requests)
    {
        var dropped = new List<MovedItems>();
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
            var count = (int)
                session.Number(
                    "drop_requests",
                    ("@bucket", range.Key.Bucket),
                    ("@batch", range.Key.Batch),
                    ("@stage", range.Key.Stage),
                    ("@requests", set))!;
            if (count > 0)
            {
                dropped.Add(new(range.Key.Batch, range.Key.Stage, Status.Cancelled, count));
            }
        }

        return dropped;
    }
}
