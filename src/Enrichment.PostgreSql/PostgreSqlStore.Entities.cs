using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Enrichment.Plans;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Entities: requested once for all their waiters. Buckets follow each other in one round trip, each its own transaction.</content>
internal sealed partial class PostgreSqlStore
{
    private const int AnswersAtOnce = 100;
    private const int AnswerBytesAtOnce = 8 << 20;
    private const int WaitsAtOnce = 10_000;
    private const int OrphansAtOnce = 1000;
    private const int RecheckLocks = 2;

    /// <inheritdoc />
    public async Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
        List<(int Batch, int Version, int Upload, Guid UploadId, short Status, bool Current)> found;
        await using (var results = await connection.QueryMultipleAsync(Command(
            "open_request_batch",
            new
            {
                clientId = Guid.CreateVersion7(),
                request.Client,
                request.Key,
                answers = request.Answers.ToArray(),
                request.Id,
                request.UploadId,
                fingerprint = SHA256.HashData(request.UploadId.ToByteArray()),
                columns = JsonSerializer.Serialize(request.Fields),
                headerMap = JsonSerializer.Serialize(request.Fields.Select((field, position) => (field, position)).ToDictionary(field => field.field, field => new[] { field.position })),
                request.Pipeline,
                request.Snapshot,
                now = Now,
            },
            cancellationToken,
            transaction)).ConfigureAwait(false))
        {
            _ = await results.ReadAsync<int>().ConfigureAwait(false); // The client, who is locked.
            found = (await results.ReadAsync<(int, int, int, Guid, short, bool)>().ConfigureAwait(false)).AsList();
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        var (batch, version, upload, uploadId, status, _) = found.Find(each => each.Current);
        return batch > 0 && (BatchStatus)status is BatchStatus.Pending or BatchStatus.Running or BatchStatus.Paused ? new(batch, version, upload, uploadId, [.. found.Select(each => each.Batch)]) : null;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken)
    {
        var buckets = request.Entities.Select((entity, number) => (entity, number)).GroupBy(each => each.entity.Bucket).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
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
    public async Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(Lease lease, string owner, IReadOnlyList<EntityWaiter> waits, TimeSpan actsAfter, CancellationToken cancellationToken)
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
        var requests = waits.Select(wait => wait.EntityRequest).Distinct().GroupBy(request => request.Range).OrderBy(group => group.Key.Bucket).ThenBy(group => group.Key.Batch).ToList();
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
    public async Task<int> CompleteWaitersAsync(RangeKey requests, IReadOnlyList<int>? items, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var changed = 0;
        while (true)
        {
            var answers = await FindAnswersAsync(connection, requests, items, cancellationToken).ConfigureAwait(false);
            if (answers.Count == 0)
            {
                return changed;
            }

            var mask = answers.Aggregate(0UL, (all, answer) => all | answer.Waiting);
            short[] buckets = [.. Enumerable.Range(0, Bucket.Count).Where(bucket => (mask & (1UL << bucket)) != 0).Select(bucket => (short)bucket)];
            changed += await CompleteWaitersAsync(connection, requests.Batch, answers, buckets, cancellationToken).ConfigureAwait(false);
            var mark = Keyed("mark_waiters_completed", requests);
            Add(mark.Parameters, "items", Column(answers, a => a.Item));
            Add(mark.Parameters, "callers", Column(answers, a => a.Callers));
            var marked = (await ReadNumbersAsync(connection, mark, cancellationToken, StateLocks(requests, Column(answers, a => a.Item)), Keyed("lock_range", requests)).ConfigureAwait(false))[0];
            if (marked == answers.Count && answers.Count < AnswersAtOnce && answers.Sum(answer => (long)(answer.Data?.Length ?? 0)) < AnswerBytesAtOnce)
            {
                return changed;
            }
        }
    }

    /// <inheritdoc />
    public async Task<int> ReconcileRequestsAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in await QueryAsync<int>("find_idle_request_batches", new { now = Now }, cancellationToken).ConfigureAwait(false))
        {
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync(Command("lock_batch", new { batch }, cancellationToken, transaction)).ConfigureAwait(false);
            await connection.ExecuteAsync(Command("end_request_batches", new { batch, now = Now }, cancellationToken, transaction)).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        // What is damaged in one range keeps no other waiting; it is told at the end.
        var orphans = await QueryAsync<OrphanedWaiter>("find_orphaned_waiters", new { limit = OrphansAtOnce }, cancellationToken).ConfigureAwait(false);
        var changed = 0;
        ExceptionDispatchInfo? fault = null;
        foreach (var range in orphans.GroupBy(orphan => (Range: new RangeKey(orphan.Request_Bucket, orphan.Request_Batch, 1), orphan.Gone)))
        {
            try
            {
                changed += await ReconcileAsync(range.Key.Range, range.Key.Gone, [.. range], cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                fault ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        fault?.Throw();
        return changed;
    }

    private async Task<int> ReconcileAsync(RangeKey requests, bool gone, List<OrphanedWaiter> orphans, CancellationToken cancellationToken)
    {
        int[] items = [.. orphans.Select(orphan => orphan.Request_Item).Distinct()];
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (gone)
        {
            List<Answer> lost = [.. items.Select(item => new Answer(item, (short)Status.Cancelled, null, null, null, null, 0, 0))];
            return await CompleteWaitersAsync(connection, requests.Batch, lost, [.. orphans.Select(orphan => orphan.Bucket).Distinct()], cancellationToken).ConfigureAwait(false);
        }

        await using (var batch = new NpgsqlBatch(connection))
        {
            AddRecheckEnded(batch, requests, items);
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        return await CompleteWaitersAsync(requests, items, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(short Stage, int Items, int Saved, decimal? Cost)>("read_savings", new { batch }, cancellationToken).ConfigureAwait(false);
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

    // States first, in their order, then what counts them: as all do who end or cancel some.
    private NpgsqlBatchCommand StateLocks(RangeKey range, int[] items)
    {
        var locks = Keyed("lock_states", range);
        Add(locks.Parameters, "items", items);
        return locks;
    }

    /// <summary>Withdraws the requests without waiters. A crash before leaves them to be called.</summary>
    private async Task DropUnreferencedAsync(NpgsqlConnection connection, IReadOnlyCollection<EntityRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var range in requests.GroupBy(request => request.Range).OrderBy(range => range.Key.Bucket).ThenBy(range => range.Key.Batch))
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
                await ReadNumbersAsync(connection, drop, cancellationToken, StateLocks(range.Key, items), Keyed("lock_range", range.Key)).ConfigureAwait(false);
            }
        }
    }

    private async Task<List<Answer>> FindAnswersAsync(NpgsqlConnection connection, RangeKey requests, IReadOnlyList<int>? items, CancellationToken cancellationToken)
    {
        await using var command = Keyed(connection, "find_answers", requests);
        Add(command, "first", items is null ? 0 : items.Min());
        Add(command, "last", items is null ? int.MaxValue : items.Max());
        command.Parameters.Add(new("items", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = (object?)items?.ToArray() ?? DBNull.Value });
        Add(command, "limit", AnswersAtOnce);
        Add(command, "byteLimit", AnswerBytesAtOnce);
        return await MapAsync(
            command,
            row => new Answer(
                row.GetInt32(0),
                row.GetInt16(1),
                row.IsDBNull(4) ? null : row.GetInt16(4),
                row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5),
                row.IsDBNull(2) ? null : row.GetInt16(2),
                row.IsDBNull(3) ? null : row.GetString(3),
                (ulong)row.GetInt64(6),
                row.GetInt32(7)),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> CompleteWaitersAsync(NpgsqlConnection connection, int requestBatch, List<Answer> answers, short[] buckets, CancellationToken cancellationToken)
    {
        var changed = 0;
        while (true)
        {
            var waits = await FindWaitsAsync(connection, requestBatch, answers, buckets, cancellationToken).ConfigureAwait(false);
            foreach (var range in waits.GroupBy(wait => wait.Range).OrderBy(range => range.Key.Bucket).ThenBy(range => range.Key.Batch).ThenBy(range => range.Key.Stage))
            {
                List<(RangeKey, int Item, int EntityRequest)> here = [.. range.OrderBy(wait => wait.Item)];
                var requests = here.Select(wait => wait.EntityRequest).ToHashSet();
                var own = answers.FindAll(answer => requests.Contains(answer.Item));
                var command = Keyed("complete_waiters", range.Key);
                var items = Column(here, w => w.Item);
                Add(command.Parameters, "items", items);
                Add(command.Parameters, "requests", Column(here, w => w.EntityRequest));
                Add(command.Parameters, "requestBatch", requestBatch);
                Add(command.Parameters, "requestItems", Column(own, a => a.Item));
                Add(command.Parameters, "statuses", Column(own, a => a.Status));
                Add(command.Parameters, "kinds", Column(own, a => a.Kind));
                command.Parameters.Add(new("results", NpgsqlDbType.Array | NpgsqlDbType.Json) { Value = Column(own, a => a.Data) });
                Add(command.Parameters, "classes", Column(own, a => a.ErrorClass));
                Add(command.Parameters, "errors", Column(own, a => a.Error));
                changed += (await ReadNumbersAsync(connection, command, cancellationToken, StateLocks(range.Key, items)).ConfigureAwait(false)).Count;
            }

            if (waits.Count < WaitsAtOnce)
            {
                return changed;
            }
        }
    }

    private async Task<List<(RangeKey Range, int Item, int EntityRequest)>> FindWaitsAsync(
        NpgsqlConnection connection, int requestBatch, List<Answer> answers, short[] buckets, CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(sql["find_waits"], connection);
        Add(find, "buckets", buckets);
        Add(find, "requestBatch", requestBatch);
        Add(find, "requestItems", Column(answers, a => a.Item));
        Add(find, "limit", WaitsAtOnce);
        return await MapAsync(find, row => (new RangeKey(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2)), row.GetInt32(3), row.GetInt32(4)), cancellationToken).ConfigureAwait(false);
    }

    private sealed record Answer(int Item, short Status, short? Kind, byte[]? Data, short? ErrorClass, string? Error, ulong Waiting, int Callers);

    private sealed record OrphanedWaiter(short Bucket, int Batch, short Stage, short Request_Bucket, int Request_Batch, int Request_Item, bool Gone);
}
