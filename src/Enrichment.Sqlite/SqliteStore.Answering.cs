using System.Buffers;
using System.Runtime.CompilerServices;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Steps that are answered later: sent, polled, received, settled.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> BeginSendingAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        Sending sending,
        CancellationToken cancellationToken)
    {
        var set = JsonRows.Of(attempts, (cells, start) =>
        {
            cells.WriteNumberValue(start.Item);
            cells.WriteNumberValue(start.Attempt);
            cells.WriteNumberValue(start.Generation);
            cells.WriteStringValue(start.TokenHash is { } token ? Convert.ToHexString(token) : null);
            cells.WriteStringValue(start.Call?.ToString());
        });
        return await WriteAsync(
            session => session.Query(
                "begin_sending",
                row => row.GetInt32(0),
                ("@bucket", lease.Range.Bucket),
                ("@batch", lease.Range.Batch),
                ("@stage", lease.Range.Stage),
                ("@lo", lease.Lo),
                ("@token", lease.Token),
                ("@owner", owner),
                ("@attempts", set),
                ("@waits", (int)sending.Waits),
                ("@deadline", sending.Deadline),
                ("@actsAfter", sending.ActsAfter)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken)
    {
        var range = request.Range;
        return WritePartsAsync(
            request.Items,
            (cells, index) =>
            {
                WriteOutcome(cells, request.Items[index]);
                cells.WriteStringValue(request.Items[index].Reference);
                cells.WriteStringValue(request.Messages.Count == 0 ? null : request.Messages[index]);
            },
            (session, outcomes) => session.Query(
                "settle",
                row => row.GetInt32(0),
                ("@bucket", range.Bucket),
                ("@batch", range.Batch),
                ("@stage", range.Stage),
                ("@requests", request.IsRequestBatch),
                ("@external", request.IsExternal),
                ("@outcomes", outcomes)),
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RangeKey>> FindDueTimersAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        int limit,
        CancellationToken cancellationToken) =>
        await ReadAsync(
                session => session.Query("find_due_timers", ReadRange, ("@except", StagesOfBatches(except)), ("@limit", limit)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<DueTimer>> TakeDueTimersAsync(
        RangeKey range,
        int limit,
        TimeSpan hold,
        CancellationToken cancellationToken) =>
        await WriteAsync(
                session =>
                    session.Query(
                        "take_due_timers",
                        row => new DueTimer(
                            row.GetInt32(0),
                            row.GetInt16(1),
                            row.GetInt32(2),
                            row.GetInt16(3),
                            row.TextOrNull(4),
                            row.GetBoolean(5),
                            row.GetInt16(6))
                        {
                            SinceSent = row.IsDBNull(7) ? null : TimeSpan.FromMilliseconds(row.GetInt64(7)),
                        },
                        ("@bucket", range.Bucket),
                        ("@batch", range.Batch),
                        ("@stage", range.Stage),
                        ("@limit", limit),
                        ("@hold", hold)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<IReadOnlyList<bool>> ReceiveAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var bodies = new ArrayBufferWriter<byte>(deliveries.Sum(delivery => delivery.Body.Length) + 1);
        using var set = JsonSet.Of(
            deliveries,
            deliveries.Sum(delivery => delivery.Headers.Length + delivery.Message.Length + 280),
            (cells, delivery) =>
            {
                var (range, item, attempt) = delivery.Attempt;
                cells.WriteNumberValue(range.Bucket);
                cells.WriteNumberValue(range.Batch);
                cells.WriteNumberValue(range.Stage);
                cells.WriteNumberValue(item);
                cells.WriteNumberValue(attempt);
                cells.WriteStringValue(Convert.ToHexString(delivery.TokenHash));
                cells.WriteStringValue(delivery.Message);
                cells.WriteStringValue(delivery.Digest);
                cells.WriteStringValue(delivery.Headers);
                cells.WriteNumberValue(bodies.WrittenCount + 1); // SQL counts from 1.
                cells.WriteNumberValue(delivery.Body.Length);
                bodies.Write(delivery.Body.Span);
            });
        var stored = new bool[deliveries.Count];
        foreach (var number in await WriteAsync(
            session => session.Query(
                "receive",
                row => row.GetInt32(0),
                ("@deliveries", set.Text),
                ("@bodies", bodies.WrittenMemory),
                ("@mostBodies", DeliveryBounds.MostBodies),
                ("@mostBytes", DeliveryBounds.MostBytes),
                ("@mostRows", DeliveryBounds.MostRows),
                ("@bodiesFor", DeliveryBounds.BodiesFor)),
            cancellationToken).ConfigureAwait(false))
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
        // Most often there is nothing, and a read does not make the writers wait.
        var found = await ReadAsync(session => session.Query("find_deliveries", row => row.GetInt16(0)), cancellationToken)
            .ConfigureAwait(false);
        short[] buckets = [.. found];
        if (buckets.Length == 0)
        {
            return [];
        }

        // No bucket is always the last to be served.
        Random.Shared.Shuffle(buckets);
        var stages = StagesOfBatches(except);
        return await WriteAsync(session => Take(session, buckets, stages, limit, byteLimit, hold), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task MarkFaultyAsync(AttemptKey attempt, string message, string reason, CancellationToken cancellationToken) => WriteAsync(
        session => session.Execute(
            "mark_faulty",
            ("@bucket", attempt.Range.Bucket),
            ("@batch", attempt.Range.Batch),
            ("@stage", attempt.Range.Stage),
            ("@item", attempt.Item),
            ("@attempt", attempt.Attempt),
            ("@message", message),
            ("@reason", reason)),
        cancellationToken);

    /// <inheritdoc />
    public Task NoteRefusedAsync(IReadOnlyList<(string Reason, int Times)> refused, CancellationToken cancellationToken)
    {
        var counts = JsonRows.Of(refused, (cells, refusal) =>
        {
            cells.WriteStringValue(refusal.Reason);
            cells.WriteNumberValue(refusal.Times);
        });
        return WriteAsync(session => session.Execute("note_refused", ("@refused", counts)), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Refusal>> ReadRefusedAsync(CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query("read_refused", row => new Refusal(row.Moment(0), row.GetString(1), row.GetInt64(2), row.Moment(3))),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<int> ReinterpretAsync(int batch, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("reinterpret", ("@batch", batch)), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredDelivery> ReadDeliveriesAsync(
        int batch,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        await foreach (var run in RunsAsync(found, cancellationToken).ConfigureAwait(false))
        {
            foreach (var delivery in await ReadAsync(
                session => session.Query(
                    "read_deliveries",
                    ReadDelivery,
                    ("@bucket", run.Bucket),
                    ("@batch", batch),
                    ("@stages", JsonRows.Of(Stages(session, batch))),
                    ("@first", run.First),
                    ("@last", run.Last)),
                cancellationToken).ConfigureAwait(false))
            {
                yield return delivery;
            }
        }
    }

    private static List<TakenDelivery> Take(SqliteSession session, short[] buckets, string except, int limit, long byteLimit, TimeSpan hold)
    {
        var taken = new List<TakenDelivery>();
        foreach (var bucket in buckets)
        {
            if (taken.Count >= limit || byteLimit <= 0)
            {
                break;
            }

            var more = session.Query(
                "take_deliveries",
                row => ReadTaken(row, bucket),
                ("@bucket", bucket),
                ("@except", except),
                ("@limit", limit - taken.Count),
                ("@byteLimit", byteLimit),
                ("@hold", hold));
            byteLimit -= more.Sum(each => (long)each.Delivery.Body.Length);
            taken.AddRange(more);
        }

        return taken;
    }

    private static TakenDelivery ReadTaken(SqliteDataReader row, short bucket) => new(
        new()
        {
            Attempt = new(new(bucket, row.GetInt32(0), row.GetInt16(1)), row.GetInt32(2), row.GetInt32(3)),
            TokenHash = [],
            Message = row.GetString(4),
            Headers = row.GetString(5),
            Body = row.Bytes(6),
        },
        row.GetInt16(8),
        row.GetInt16(10),
        row.TextOrNull(9),
        row.Moment(7),
        row.GetInt16(11))
    {
        SinceSent = row.Moment(7) - row.Moment(12),
    };

    private static StoredDelivery ReadDelivery(SqliteDataReader row) => new(
        row.GetInt16(0),
        row.GetInt32(1),
        row.GetInt32(2),
        row.GetString(3),
        (DeliveryState)row.GetInt32(4),
        row.TextOrNull(5),
        row.GetInt32(6),
        row.Moment(7),
        row.GetString(8),
        row.Bytes(9));
}
