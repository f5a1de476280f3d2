using System.Runtime.ExceptionServices;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Waiters of entity requests: completed when their request has ended, and reconciled when a host was lost meanwhile.</content>
internal sealed partial class SqliteStore
{
    private const int AnswersAtOnce = 100;
    private const int AnswerBytesAtOnce = 8 << 20;
    private const int OrphansAtOnce = 1000;

    /// <inheritdoc />
    public Task<IReadOnlyList<MovedItems>> CompleteWaitersAsync(
        RangeKey requests,
        IReadOnlyList<int>? items,
        CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<MovedItems>>(session => Share(session, requests, items), cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<MovedItems>> ReconcileRequestsAsync(CancellationToken cancellationToken)
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

        // Damage in one range does not delay the others; it is reported at the end.
        var changed = new List<MovedItems>();
        ExceptionDispatchInfo? fault = null;
        foreach (var range in orphans.GroupBy(orphan => (orphan.Requests, orphan.Gone)))
        {
            try
            {
                changed.AddRange(
                    await WriteAsync(session => Reconcile(session, range.Key.Requests, range.Key.Gone, [.. range]), cancellationToken)
                        .ConfigureAwait(false));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                fault ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        fault?.Throw();
        return changed;
    }

    private static List<MovedItems> Reconcile(
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
            return [.. Share(session, requests.Batch, lost, orphans.Select(orphan => orphan.Bucket).Distinct())];
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

    private static List<MovedItems> Share(SqliteSession session, RangeKey requests, IReadOnlyList<int>? items)
    {
        var changed = new List<MovedItems>();
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
            var buckets = Enumerable.Range(0, Bucket.Count).Where(bucket => (mask & (1UL << bucket)) != 0).Select(bucket => (short)bucket);
            changed.AddRange(Share(session, requests.Batch, answers, buckets));
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

    private static IEnumerable<MovedItems> Share(
        SqliteSession session,
        int requestBatch,
        List<SqliteEndedRequest> answers,
        IEnumerable<short> buckets)
    {
        var waits = session.Query(
            "find_waits",
            row => (Range: ReadRange(row), EntityRequest: row.GetInt32(3)),
            ("@buckets", JsonRows.Of(buckets)),
            ("@requestBatch", requestBatch),
            ("@requestItems", JsonRows.Of(answers.Select(answer => answer.Item))));
        return waits.GroupBy(wait => wait.Range, wait => wait.EntityRequest).SelectMany(range =>
        {
            var requests = range.ToHashSet();
            using var shared = Rows(answers.FindAll(answer => requests.Contains(answer.Item)));
            var statuses = session.Query(
                "complete_waiters",
                row => (Status)row.GetInt32(0),
                ("@bucket", range.Key.Bucket),
                ("@batch", range.Key.Batch),
                ("@stage", range.Key.Stage),
                ("@requestBatch", requestBatch),
                ("@answers", shared.Text));
            return MovedItems.Of(range.Key, statuses);
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
