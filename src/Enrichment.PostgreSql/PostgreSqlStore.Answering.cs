using System.Data;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Steps that are answered later: sent, polled, received, settled.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> BeginSendingAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        Sending sending,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = Fenced("begin_sending", lease, out var parameters);
        Add(parameters, "owner", owner);
        Add(parameters, "items", Column(attempts, a => a.Item));
        Add(parameters, "attempts", Column(attempts, a => a.Attempt));
        Add(parameters, "generations", Column(attempts, a => a.Generation));
        AddSparse(parameters, "calls", NpgsqlDbType.Uuid, attempts, a => a.Call);
        AddSparse(parameters, "tokens", NpgsqlDbType.Bytea, attempts, a => a.TokenHash);
        Add(parameters, "waits", (short)sending.Waits);
        Add(parameters, "deadline", sending.Deadline);
        Add(parameters, "actsAfter", sending.ActsAfter);
        return await ReadNumbersAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = Keyed("settle", request.Range);
        var parameters = command.Parameters;
        var messages = request.Messages.Count == 0 ? new string?[request.Items.Count] : request.Messages;
        List<(StateChange Commit, string? Message)> items = [.. request.Items.Zip(messages).OrderBy(item => item.First.Item)];
        AddOutcomes(parameters, [.. items.Select(item => item.Commit)]);
        Add(parameters, "requests", request.IsRequestBatch);
        Add(parameters, "external", request.IsExternal);
        AddSparse(parameters, "references", NpgsqlDbType.Text, items, i => i.Commit.Reference);
        AddSparse(parameters, "messages", NpgsqlDbType.Text, items, i => i.Message);
        var locks = Keyed("lock_states", request.Range);
        Add(locks.Parameters, "items", Column(items, i => i.Commit.Item));
        if (request.Messages.Count == 0)
        {
            return await ReadNumbersAsync(connection, command, cancellationToken, locks).ConfigureAwait(false);
        }

        var deliveries = Keyed("lock_deliveries", request.Range);
        Add(deliveries.Parameters, "items", Column(items, i => i.Commit.Item));
        Add(deliveries.Parameters, "attempts", Column(items, i => i.Commit.Attempt));
        Add(deliveries.Parameters, "messages", Column(items, i => i.Message));
        return await ReadNumbersAsync(connection, command, cancellationToken, locks, deliveries).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RangeKey>> FindDueTimersAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        int limit,
        CancellationToken cancellationToken) =>
        await TimedAsync(
            "find_due_timers",
            command =>
            {
                Add(command, "except", Numbers(except));
                Add(command, "limit", limit);
            },
            row => new RangeKey(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueTimer>> TakeDueTimersAsync(
        RangeKey range,
        int limit,
        TimeSpan hold,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection);
        var command = Keyed("take_due_timers", range);
        Add(command.Parameters, "limit", limit);
        Add(command.Parameters, "hold", hold);
        batch.BatchCommands.Add(command);
        batch.BatchCommands.Add(Keyed("lock_range", range));
        batch.BatchCommands.Add(Keyed("date_range", range));
        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var due = new List<DueTimer>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            due.Add(
                new(
                    reader.GetInt32(0),
                    reader.GetInt16(1),
                    reader.GetInt32(2),
                    reader.GetInt16(3),
                    reader.IsDBNull(4) ? null : reader.GetString(4),
                    reader.GetBoolean(5),
                    reader.GetInt16(6))
                {
                    SinceSent = reader.IsDBNull(7) ? null : reader.GetTimeSpan(7),
                });
        }

        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
            // The later statements return nothing of importance, but may fail.
        }

        return due;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> ReceiveAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = new NpgsqlBatchCommand(sql["receive"]);
        var parameters = command.Parameters;
        AddNow(parameters);
        Add(parameters, "numbers", Enumerable.Range(0, deliveries.Count).ToArray());
        Add(parameters, "buckets", Column(deliveries, d => d.Attempt.Range.Bucket));
        Add(parameters, "batches", Column(deliveries, d => d.Attempt.Range.Batch));
        Add(parameters, "stages", Column(deliveries, d => d.Attempt.Range.Stage));
        Add(parameters, "items", Column(deliveries, d => d.Attempt.Item));
        Add(parameters, "attempts", Column(deliveries, d => d.Attempt.Attempt));
        Add(parameters, "tokens", Column(deliveries, d => d.TokenHash));
        Add(parameters, "messages", Column(deliveries, d => d.Message));
        Add(parameters, "digests", Column(deliveries, d => d.Digest));
        parameters.Add(new("headers", NpgsqlDbType.Array | NpgsqlDbType.Json) { Value = Column(deliveries, d => d.Headers) });
        Add(parameters, "bodies", Column(deliveries, d => Bytes(d.Body)));
        Add(parameters, "mostBodies", DeliveryBounds.MostBodies);
        Add(parameters, "mostBytes", DeliveryBounds.MostBytes);
        Add(parameters, "mostRows", DeliveryBounds.MostRows);
        Add(parameters, "bodiesFor", DeliveryBounds.BodiesFor);
        var stored = new bool[deliveries.Count];
        foreach (var number in await ReadNumbersAsync(connection, command, cancellationToken).ConfigureAwait(false))
        {
            stored[number] = true;
        }

        return stored;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TakenDelivery>> TakeDeliveriesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        int limit,
        long byteLimit,
        TimeSpan hold,
        CancellationToken cancellationToken)
    {
        var buckets = await TimedAsync("find_deliveries", _ => { }, row => row.GetInt16(0), cancellationToken).ConfigureAwait(false);

        // No bucket is always the last to be served.
        Random.Shared.Shuffle(CollectionsMarshal.AsSpan(buckets));

        var taken = new List<TakenDelivery>();
        if (buckets.Count == 0)
        {
            return taken;
        }

        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (var bucket in buckets)
        {
            if (taken.Count >= limit || byteLimit <= 0)
            {
                break;
            }

            await using var command = Timed(connection, "take_deliveries");
            Add(command, "bucket", bucket);
            Add(command, "except", Numbers(except));
            Add(command, "limit", limit - taken.Count);
            Add(command, "byteLimit", byteLimit);
            Add(command, "hold", hold);
            var more = await MapAsync(command, row => ReadTaken(row, bucket), cancellationToken).ConfigureAwait(false);
            byteLimit -= more.Sum(each => (long)each.Delivery.Body.Length);
            taken.AddRange(more);
        }

        return taken;
    }

    /// <inheritdoc />
    public Task MarkFaultyAsync(AttemptKey attempt, string message, string reason, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "mark_faulty",
            new
            {
                attempt.Range.Bucket,
                attempt.Range.Batch,
                attempt.Range.Stage,
                attempt.Item,
                attempt.Attempt,
                message,
                reason,
            },
            cancellationToken);

    /// <inheritdoc />
    public Task NoteRefusedAsync(IReadOnlyList<(string Reason, int Times)> refused, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "note_refused",
            new
            {
                reasons = Column(refused, r => r.Reason),
                times = Column(refused, r => r.Times),
                part = (short)0,
                now = Now,
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Refusal>> ReadRefusedAsync(CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(DateTime Hour, string Reason, long Times, DateTime LastAt)>("read_refused", null, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => new Refusal(new(row.Hour, TimeSpan.Zero), row.Reason, row.Times, new(row.LastAt, TimeSpan.Zero)))];
    }

    /// <inheritdoc />
    public Task<int> ReinterpretAsync(int batch, CancellationToken cancellationToken) =>
        ExecuteAsync("reinterpret", new { batch, now = Now }, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<StoredDelivery> ReadDeliveriesAsync(int batch, CancellationToken cancellationToken) =>
        StreamAsync(connection => DeliveriesAsync(connection, batch, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<StoredDelivery> DeliveriesAsync(
        NpgsqlConnection connection,
        int batch,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql["read_deliveries"], connection);
        Add(command, "batch", batch);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleResult, cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new(
                reader.GetInt16(0),
                reader.GetInt32(1),
                reader.GetInt32(2),
                reader.GetString(3),
                (DeliveryState)reader.GetInt16(4),
                reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.GetInt32(6),
                new(reader.GetDateTime(7), TimeSpan.Zero),
                reader.GetString(8),
                reader.GetFieldValue<byte[]>(9));
        }
    }

    private static TakenDelivery ReadTaken(NpgsqlDataReader row, short bucket) => new(
        new()
        {
            Attempt = new(new(bucket, row.GetInt32(0), row.GetInt16(1)), row.GetInt32(2), row.GetInt32(3)),
            TokenHash = [],
            Message = row.GetString(4),
            Headers = row.GetString(5),
            Body = row.GetFieldValue<byte[]>(6),
        },
        row.GetInt16(8),
        row.GetInt16(10),
        row.IsDBNull(9) ? null : row.GetString(9),
        new(row.GetDateTime(7), TimeSpan.Zero),
        row.GetInt16(11))
    {
        SinceSent = row.GetDateTime(7) - row.GetDateTime(12),
    };
}
