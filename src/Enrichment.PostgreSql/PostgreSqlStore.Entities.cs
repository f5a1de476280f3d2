using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>
/// Entities: requested once for all their waiters. Buckets follow each other in one round trip, each its own transaction.
/// </content>
internal sealed partial class PostgreSqlStore
{
    private const int RecheckLocks = 2;

    /// <inheritdoc />
    public async Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
        var parameters = new
        {
            clientId = Guid.CreateVersion7(),
            request.Client,
            request.Key,
            answers = request.Answers.ToArray(),
            request.Id,
            request.UploadId,
            fingerprint = SHA256.HashData(request.UploadId.ToByteArray()),
            columns = JsonSerializer.Serialize(request.Fields),
            headerMap = JsonSerializer.Serialize(request.Fields.Index().ToDictionary(field => field.Item, field => new[] { field.Index })),
            request.Pipeline,
            request.Snapshot,
            now = Now,
        };
        List<(int Batch, int Version, int Upload, Guid UploadId, short Status, bool Current)> found;
        var command = Command("open_request_batch", parameters, cancellationToken, transaction);
        await using (var results = await connection.QueryMultipleAsync(command).ConfigureAwait(false))
        {
            _ = await results.ReadAsync<int>().ConfigureAwait(false); // The client, who is locked.
            found = (await results.ReadAsync<(int, int, int, Guid, short, bool)>().ConfigureAwait(false)).AsList();
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        var (batch, version, upload, uploadId, status, _) = found.Find(each => each.Current);
        return batch > 0 && (BatchStatus)status is BatchStatus.Pending or BatchStatus.Running or BatchStatus.Paused
            ? new(batch, version, upload, uploadId, [.. found.Select(each => each.Batch)])
            : null;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken)
    {
        var buckets = request
            .Entities.Select((entity, number) => (entity, number))
            .GroupBy(each => each.entity.Bucket)
            .OrderBy(group => group.Key)
            .Select(group => group.ToList())
            .ToList();
        var requested = new RequestedEntity[request.Entities.Count];
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var bucket in buckets)
        {
            var range = new RangeKey(bucket[0].entity.Bucket, request.Batch.Batch, 1);
            var hold = Keyed("lock_requests", range);
            Add(hold.Parameters, "version", request.Batch.Version);
            batch.BatchCommands.Add(hold);
            batch.BatchCommands.Add(RequestCommand(request, range, [.. bucket.Select(each => each.entity)]));
        }

        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        foreach (var bucket in buckets)
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            var found = 0;
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var (entity, number) = bucket[reader.GetInt32(0) - 1];
                requested[number] = new(
                    new(entity.Bucket, reader.GetInt32(1), reader.GetInt32(2)),
                    reader.IsDBNull(4) ? null : (StepOutcomeKind)reader.GetInt16(4),
                    reader.IsDBNull(5) ? default : reader.GetFieldValue<byte[]>(5),
                    reader.GetBoolean(3));
                found++;
            }

            if (found < bucket.Count)
            {
                return null;
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        return requested;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(
        Lease lease,
        string owner,
        IReadOnlyList<EntityWaiter> waits,
        TimeSpan actsAfter,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection);
        var command = Fenced("await_entities", lease, out var parameters);
        command.AppendErrorBarrier = true;
        Add(parameters, "owner", owner);
        Add(parameters, "items", Column(waits, w => w.Item));
        Add(parameters, "attempts", Column(waits, w => w.Attempt));
        Add(parameters, "generations", Column(waits, w => w.Generation));
        Add(parameters, "askBuckets", Column(waits, w => w.EntityRequest.Bucket));
        Add(parameters, "askBatches", Column(waits, w => w.EntityRequest.Batch));
        Add(parameters, "requestItems", Column(waits, w => w.EntityRequest.Item));
        Add(parameters, "actsAfter", actsAfter);
        batch.BatchCommands.Add(command);
        var requests = waits
            .Select(wait => wait.EntityRequest)
            .Distinct()
            .GroupBy(request => request.Range)
            .OrderBy(group => group.Key.Bucket)
            .ThenBy(group => group.Key.Batch)
            .ToList();
        foreach (var range in requests)
        {
            AddRecheckEnded(batch, range.Key, [.. range.Select(request => request.Item)]);
        }

        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var ended = new List<EntityRequest>();
        foreach (var range in requests)
        {
            for (var ahead = RecheckLocks; ahead >= 0; ahead--)
            {
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            }

            if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) && reader.GetInt32(0) > 0)
            {
                ended.AddRange(range);
            }
        }

        return ended;
    }

    /// <inheritdoc />
    public Task<int> CountAnsweredAsync(AnsweredEntities request, CancellationToken cancellationToken) => ReadScalarAsync<int>(
        "count_answered",
        new
        {
            request.Client,
            answers = request.Answers.ToArray(),
            buckets = Column(request.Entities, entity => entity.Bucket),
            keys = Column(request.Entities, entity => entity.Key),
            request.Fresh,
            request.FreshNotFound,
            request.Refresh,
            request.Review,
            now = Now,
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(short Stage, int Items, int Saved, decimal? Cost)>("read_savings", new { batch }, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => new EntitySavings(row.Stage, row.Items, row.Saved, row.Cost))];
    }

    private NpgsqlBatchCommand RequestCommand(EntityRequestSet request, RangeKey range, List<WantedEntity> entities)
    {
        var command = Keyed("request_entities", range);
        command.AppendErrorBarrier = true;
        var parameters = command.Parameters;
        Add(parameters, "keys", Column(entities, e => e.Key));
        parameters.Add(new("raws", NpgsqlDbType.Array | NpgsqlDbType.Json) { Value = Column(entities, e => Bytes(e.Raw)) });
        Add(parameters, "permitted", Column(entities, e => e.Permitted));
        Add(parameters, "review", request.Review);
        Add(parameters, "version", request.Batch.Version);
        Add(parameters, "upload", request.Batch.Upload);
        Add(parameters, "batches", request.Batch.All.ToArray());
        Add(parameters, "waiterBucket", (int)request.WaiterBucket);
        Add(parameters, "offset", request.Batch.OffsetOf(range.Bucket));
        Add(parameters, "fresh", request.Fresh);
        Add(parameters, "freshNotFound", request.FreshNotFound);
        parameters.Add(new("since", NpgsqlDbType.TimestampTz) { Value = (object?)request.Since?.ToUniversalTime() ?? DBNull.Value });
        return command;
    }

    private void AddRecheckEnded(NpgsqlBatch batch, RangeKey requests, int[] items)
    {
        var recheck = Keyed("recheck_ended_requests", requests);
        recheck.AppendErrorBarrier = true;
        Add(recheck.Parameters, "items", items);
        batch.BatchCommands.Add(StateLocks(requests, [.. items.Order()]));
        batch.BatchCommands.Add(Keyed("lock_range", requests));
        batch.BatchCommands.Add(recheck);
    }

    // States first, in their order, then their counters: as in all statements that end or cancel states.
    private NpgsqlBatchCommand StateLocks(RangeKey range, int[] items)
    {
        var locks = Keyed("lock_states", range);
        Add(locks.Parameters, "items", items);
        return locks;
    }

    /// <summary>Withdraws the requests without waiters. A crash before leaves them to be called.</summary>
    private async Task<List<MovedItems>> DropUnreferencedAsync(
        NpgsqlConnection connection,
        IReadOnlyCollection<EntityRequest> requests,
        CancellationToken cancellationToken)
    {
        var dropped = new List<MovedItems>();
        var ranges = requests.GroupBy(request => request.Range).OrderBy(range => range.Key.Bucket).ThenBy(range => range.Key.Batch);
        foreach (var range in ranges)
        {
            List<(int Item, int Callers)> unreferenced;
            await using (var find = Keyed(connection, "find_unreferenced_requests", range.Key))
            {
                Add(find, "items", range.Select(request => request.Item).ToArray());
                unreferenced = await MapAsync(find, row => (row.GetInt32(0), row.GetInt32(1)), cancellationToken).ConfigureAwait(false);
            }

            if (unreferenced.Count > 0)
            {
                var items = Column(unreferenced, request => request.Item);
                var drop = Keyed("drop_requests", range.Key);
                Add(drop.Parameters, "items", items);
                Add(drop.Parameters, "callers", Column(unreferenced, request => request.Callers));
                var locks = StateLocks(range.Key, items);
                var count = (
                    await ReadNumbersAsync(connection, drop, cancellationToken, locks, Keyed("lock_range", range.Key))
                        .ConfigureAwait(false))[0];
                if (count > 0)
                {
                    dropped.Add(new(range.Key.Batch, range.Key.Stage, Status.Cancelled, count));
                }
            }
        }

        return dropped;
    }
}
