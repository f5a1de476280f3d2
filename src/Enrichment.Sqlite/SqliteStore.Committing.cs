using System.Globalization;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <content>Attempts, one transaction a set, and outcomes under a lease, one transaction a part of a set.</content>
internal sealed partial class SqliteStore
{
    // A larger set is written in several transactions, and the gate admits waiting writers between them: a launch or a claim of another
    // client waits for the rest of one transaction. Each item's outcome is still written by one transaction.
    private const int ItemsATransaction = 250;

    // Of large answers fewer: the set, its copy as a parameter and what SQLite makes of both are in memory at once, a multiple of these
    // bytes.
    private const int BytesATransaction = 1024 * 1024;

    private readonly SemaphoreSlim committing = new(1);

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> BeginAttemptsAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        CancellationToken cancellationToken)
    {
        var set = JsonRows.Of(attempts, (cells, start) =>
        {
            cells.WriteNumberValue(start.Item);
            cells.WriteNumberValue(start.Attempt);
            cells.WriteNumberValue(start.Generation);
            cells.WriteStringValue(start.Call?.ToString());
        });
        return await WriteAsync(
            session => session.Query(
                "begin_attempts",
                row => row.GetInt32(0),
                ("@bucket", lease.Range.Bucket),
                ("@batch", lease.Range.Batch),
                ("@stage", lease.Range.Stage),
                ("@lo", lease.Lo),
                ("@token", lease.Token),
                ("@owner", owner),
                ("@attempts", set)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        var lease = request.Lease;
        return WritePartsAsync(
            request.Items,
            (cells, index) =>
            {
                WriteOutcome(cells, request.Items[index]);
                if (request.Items[index].Source is { } source)
                {
                    cells.WriteNumberValue(source.Source);
                }
            },
            (session, outcomes) => session.Query(
                "commit",
                row => row.GetInt32(0),
                ("@bucket", lease.Range.Bucket),
                ("@batch", lease.Range.Batch),
                ("@stage", lease.Range.Stage),
                ("@lo", lease.Lo),
                ("@token", lease.Token),
                ("@owner", request.Owner),
                ("@attemptsAreOpen", request.AttemptsAreOpen),
                ("@requests", request.IsRequestBatch),
                ("@outcomes", outcomes)),
            cancellationToken);
    }

    /// <summary>Writes outcomes, one transaction a part.</summary>
    /// <param name="items">The outcomes.</param>
    /// <param name="cells">Writes the cells of the outcome at an index.</param>
    /// <param name="write">Writes a part, given as JSON. Returns the items that changed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The items that changed.</returns>
    private async Task<IReadOnlyList<int>> WritePartsAsync(
        IReadOnlyList<StateChange> items,
        Action<Utf8JsonWriter, int> cells,
        Func<SqliteSession, ReadOnlyMemory<byte>, List<int>> write,
        CancellationToken cancellationToken)
    {
        if (EndOfPart(items, 0) is var end && end == items.Count)
        {
            return await WritePartAsync(0, end).ConfigureAwait(false);
        }

        // One large set after the other: alternating, both would end late, and then both leave the writer idle.
        await committing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var changed = new List<int>(items.Count);
            for (var first = 0; first < items.Count; first = end)
            {
                end = EndOfPart(items, first);
                changed.AddRange(await WritePartAsync(first, end).ConfigureAwait(false));
            }

            return changed;
        }
        finally
        {
            committing.Release();
        }

        async Task<List<int>> WritePartAsync(int first, int end)
        {
            using var outcomes = JsonSet.Of(Enumerable.Range(first, end - first), LengthOf(items, first, end), cells);
            return await WriteAsync(session => write(session, outcomes.Text), cancellationToken).ConfigureAwait(false);
        }
    }

    private static int EndOfPart(IReadOnlyList<StateChange> items, int first)
    {
        var (end, bytes) = (first, 0L);
        while (end < items.Count
            && end - first < ItemsATransaction
            && (end == first || bytes + items[end].Result.Length <= BytesATransaction))
        {
            bytes += items[end++].Result.Length;
        }

        return end;
    }

    // A result's quotes are escaped; the other cells of a row are short.
    private static int LengthOf(IReadOnlyList<StateChange> items, int first, int end)
    {
        var length = 0;
        for (var index = first; index < end; index++)
        {
            length += (items[index].Result.Length * 5 / 4) + 128;
        }

        return length;
    }

    // In the order in which commit.sql and settle.sql read the cells.
    private static void WriteOutcome(Utf8JsonWriter cells, StateChange item)
    {
        cells.WriteNumberValue(item.Item);
        cells.WriteNumberValue(item.ExpectedAttempt);
        cells.WriteNumberValue(item.Attempt);
        cells.WriteNumberValue(item.Generation);
        cells.WriteNumberValue((int)item.Status);
        cells.WriteNumberOrNull((int?)item.Outcome);
        if (item.Result.IsEmpty)
        {
            cells.WriteNullValue();
        }
        else
        {
            // As a string: the stored text is then the canonical one, byte for byte.
            cells.WriteJsonText(item.Result.Span);
        }

        cells.WriteNumberValue(item.Tries);
        cells.WriteNumberOrNull(
            item.Status is Status.Pending or Status.InProgress && item.Waits != WaitReason.None ? (int)item.Waits : null);
        cells.WriteNumberValue((long)item.Delay.TotalMilliseconds);
        cells.WriteNumberOrNull((int?)item.ErrorClass);
        cells.WriteStringValue(item.Error);
        cells.WriteStringValue(item.Cost?.ToString(CultureInfo.InvariantCulture));
        cells.WriteBooleanValue(item.Advances);
    }
}
