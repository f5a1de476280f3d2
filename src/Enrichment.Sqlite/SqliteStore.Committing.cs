using System.Globalization;
using System.Text.Json;
using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <content>Attempts, one transaction a set, and outcomes, one transaction a part of a set.</content>
public sealed partial class SqliteStore
{
    // A larger set is written in several transactions, between which whoever waits at the gate is let in: a launch and a claim of another client wait for the
    // rest of one of them. Each item's outcome is still one transaction's.
    private const int ItemsATransaction = 250;

    // Of large answers fewer: the set, its copy as a parameter and what SQLite makes of both are in memory at once, a multiple of these bytes.
    private const int BytesATransaction = 1024 * 1024;

    private readonly SemaphoreSlim committing = new(1);

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> BeginAttemptsAsync(Lease lease, string owner, IReadOnlyList<AttemptStart> attempts, CancellationToken cancellationToken)
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
    public async Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        var parts = Parts(request.Items);
        if (parts.Count <= 1)
        {
            return await CommitSomeAsync(request, cancellationToken).ConfigureAwait(false);
        }

        // One large set after the other: taken in turns, both would end late, and then both leave the writer idle.
        await committing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var changed = new List<int>(request.Items.Count);
            foreach (var items in parts)
            {
                changed.AddRange(await CommitSomeAsync(request with { Items = items }, cancellationToken).ConfigureAwait(false));
            }

            return changed;
        }
        finally
        {
            committing.Release();
        }
    }

    private static List<ItemCommit[]> Parts(IReadOnlyList<ItemCommit> items)
    {
        var parts = new List<ItemCommit[]>();
        for (var first = 0; first < items.Count;)
        {
            var (next, bytes) = (first, 0L);
            while (next < items.Count && next - first < ItemsATransaction && (next == first || bytes + items[next].Result.Length <= BytesATransaction))
            {
                bytes += items[next++].Result.Length;
            }

            parts.Add([.. items.Skip(first).Take(next - first)]);
            first = next;
        }

        return parts;
    }

    private Task<List<int>> CommitSomeAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        var outcomes = JsonRows.Utf8Of(request.Items, LengthOf(request.Items), (cells, item) =>
        {
            WriteOutcome(cells, item);
            if (item.Source is { } source)
            {
                cells.WriteNumberValue(source.Source);
            }
        });
        var lease = request.Lease;
        return WriteAsync(
            session => session.Query(
                "commit",
                row => row.GetInt32(0),
                ("@bucket", lease.Range.Bucket),
                ("@batch", lease.Range.Batch),
                ("@stage", lease.Range.Stage),
                ("@lo", lease.Lo),
                ("@token", lease.Token),
                ("@owner", request.Owner),
                ("@attemptsAreOpen", request.AttemptsAreOpen),
                ("@asks", request.Asks),
                ("@outcomes", outcomes)),
            cancellationToken);
    }

    // A result's quotes are escaped; the other cells of a row are short.
    private static int LengthOf(IReadOnlyList<ItemCommit> items) => items.Sum(item => (item.Result.Length * 5 / 4) + 128);

    // In the order in which commit.sql and settle.sql read the cells.
    private static void WriteOutcome(Utf8JsonWriter cells, ItemCommit item)
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
        cells.WriteNumberOrNull(item.Status is Status.Pending or Status.InProgress && item.Waits != WaitReason.None ? (int)item.Waits : null);
        cells.WriteNumberValue((long)item.Delay.TotalMilliseconds);
        cells.WriteNumberOrNull((int?)item.ErrorClass);
        cells.WriteStringValue(item.Error);
        cells.WriteStringValue(item.Cost?.ToString(CultureInfo.InvariantCulture));
        cells.WriteBooleanValue(item.Advances);
    }
}
