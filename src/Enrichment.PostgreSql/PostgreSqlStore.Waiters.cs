using System.Runtime.ExceptionServices;
using Dapper;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Waiters of entity requests: completed when their request has ended, and reconciled when a host was lost meanwhile.</content>
internal sealed partial class PostgreSqlStore
{
    private const int AnswersAtOnce = 100;
    private const int AnswerBytesAtOnce = 8 << 20;
    private const int WaitsAtOnce = 10_000;
    private const int OrphansAtOnce = 1000;

    /// <inheritdoc />
    public async Task<IReadOnlyList<MovedItems>> CompleteWaitersAsync(
        RangeKey requests,
        IReadOnlyList<int>? items,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var changed = new List<MovedItems>();
        while (true)
        {
            var answers = await FindAnswersAsync(connection, requests, items, cancellationToken).ConfigureAwait(false);
            if (answers.Count == 0)
            {
                return changed;
            }

            var mask = answers.Aggregate(0UL, (all, answer) => all | answer.Waiting);
            short[] buckets =
            [
                .. Enumerable.Range(0, Bucket.Count).Where(bucket => (mask & (1UL << bucket)) != 0).Select(bucket => (short)bucket),
            ];
            changed.AddRange(
                await CompleteWaitersAsync(connection, requests.Batch, answers, buckets, cancellationToken).ConfigureAwait(false));
            var mark = Keyed("mark_waiters_completed", requests);
            var ended = Column(answers, a => a.Item);
            Add(mark.Parameters, "items", ended);
            Add(mark.Parameters, "callers", Column(answers, a => a.Callers));
            var marked = await ReadNumbersAsync(connection, mark, cancellationToken, StateLocks(requests, ended), Keyed("lock_range", requests))
                .ConfigureAwait(false);
            if (marked[0] == answers.Count
                && answers.Count < AnswersAtOnce
                && answers.Sum(answer => (long)(answer.Data?.Length ?? 0)) < AnswerBytesAtOnce)
            {
                return changed;
            }
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<MovedItems>> ReconcileRequestsAsync(CancellationToken cancellationToken)
    {
        var idle = await QueryAsync<int>("find_idle_request_batches", new { now = Now }, cancellationToken).ConfigureAwait(false);
        foreach (var batch in idle)
        {
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync(Command("lock_batch", new { batch }, cancellationToken, transaction)).ConfigureAwait(false);
            await connection
                .ExecuteAsync(Command("end_request_batches", new { batch, now = Now }, cancellationToken, transaction))
                .ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        // Damage in one range does not delay the others; it is reported at the end.
        var orphans = await QueryAsync<OrphanedWaiter>("find_orphaned_waiters", new { limit = OrphansAtOnce }, cancellationToken)
            .ConfigureAwait(false);
        var changed = new List<MovedItems>();
        ExceptionDispatchInfo? fault = null;
        foreach (var range in orphans.GroupBy(orphan => (Range: new RangeKey(orphan.Request_Bucket, orphan.Request_Batch, 1), orphan.Gone)))
        {
            try
            {
                changed.AddRange(
                    await ReconcileAsync(range.Key.Range, range.Key.Gone, [.. range], cancellationToken).ConfigureAwait(false));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                fault ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        fault?.Throw();
        return changed;
    }

    private async Task<IReadOnlyList<MovedItems>> ReconcileAsync(
        RangeKey requests,
        bool gone,
        List<OrphanedWaiter> orphans,
        CancellationToken cancellationToken)
    {
        int[] items = [.. orphans.Select(orphan => orphan.Request_Item).Distinct()];
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        if (gone)
        {
            List<PostgreSqlEndedRequest> lost =
            [
                .. items.Select(item => new PostgreSqlEndedRequest(item, (short)Status.Cancelled, null, null, null, null, 0, 0)),
            ];
            return await CompleteWaitersAsync(
                    connection,
                    requests.Batch,
                    lost,
                    [.. orphans.Select(orphan => orphan.Bucket).Distinct()],
                    cancellationToken)
                .ConfigureAwait(false);
        }

        await using (var batch = new NpgsqlBatch(connection))
        {
            AddRecheckEnded(batch, requests, items);
            await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        return await CompleteWaitersAsync(requests, items, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<PostgreSqlEndedRequest>> FindAnswersAsync(
        NpgsqlConnection connection,
        RangeKey requests,
        IReadOnlyList<int>? items,
        CancellationToken cancellationToken)
    {
        await using var command = Keyed(connection, "find_answers", requests);
        Add(command, "first", items is null ? 0 : items.Min());
        Add(command, "last", items is null ? int.MaxValue : items.Max());
        command.Parameters.Add(
            new("items", NpgsqlDbType.Array | NpgsqlDbType.Integer) { Value = (object?)items?.ToArray() ?? DBNull.Value });
        Add(command, "limit", AnswersAtOnce);
        Add(command, "byteLimit", AnswerBytesAtOnce);
        return await MapAsync(
            command,
            row => new PostgreSqlEndedRequest(
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

    private async Task<List<MovedItems>> CompleteWaitersAsync(
        NpgsqlConnection connection,
        int requestBatch,
        List<PostgreSqlEndedRequest> answers,
        short[] buckets,
        CancellationToken cancellationToken)
    {
        var changed = new List<MovedItems>();
        while (true)
        {
            var waits = await FindWaitsAsync(connection, requestBatch, answers, buckets, cancellationToken).ConfigureAwait(false);
            var ranges = waits
                .GroupBy(wait => wait.Range)
                .OrderBy(range => range.Key.Bucket)
                .ThenBy(range => range.Key.Batch)
                .ThenBy(range => range.Key.Stage);
            foreach (var range in ranges)
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
                var statuses = await ReadNumbersAsync(connection, command, cancellationToken, StateLocks(range.Key, items))
                    .ConfigureAwait(false);
                changed.AddRange(MovedItems.Of(range.Key, statuses.Select(status => (Status)status)));
            }

            if (waits.Count < WaitsAtOnce)
            {
                return changed;
            }
        }
    }

    private async Task<List<(RangeKey Range, int Item, int EntityRequest)>> FindWaitsAsync(
        NpgsqlConnection connection,
        int requestBatch,
        List<PostgreSqlEndedRequest> answers,
        short[] buckets,
        CancellationToken cancellationToken)
    {
        await using var find = new NpgsqlCommand(sql["find_waits"], connection);
        Add(find, "buckets", buckets);
        Add(find, "requestBatch", requestBatch);
        Add(find, "requestItems", Column(answers, a => a.Item));
        Add(find, "limit", WaitsAtOnce);
        return await MapAsync(
                find,
                row => (new RangeKey(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2)), row.GetInt32(3), row.GetInt32(4)),
                cancellationToken)
            .ConfigureAwait(false);
    }

    private sealed record PostgreSqlEndedRequest(
        int Item,
        short Status,
        short? Kind,
        byte[]? Data,
        short? ErrorClass,
        string? Error,
        ulong Waiting,
        int Callers);

    private sealed record OrphanedWaiter(
        short Bucket,
        int Batch,
        short Stage,
        short Request_Bucket,
        int Request_Batch,
        int Request_Item,
        bool Gone);
}
