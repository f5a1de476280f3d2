using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text.Json;
using Enrichment.Execution;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Entities: asked for once, shared by all who wait.</content>
public sealed partial class SqliteStore
{
    private const int AnswersAtOnce = 100;
    private const int AnswerBytesAtOnce = 8 << 20;
    private const int StraysAtOnce = 1000;

    /// <inheritdoc />
    public Task<AskBatch?> OpenAsksAsync(AskBatchRequest request, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var found = session.Query(
                "open_asks",
                row => (Batch: row.GetInt32(0), Version: row.GetInt32(1), Upload: row.GetInt32(2), UploadId: row.GetGuid(3), Status: (BatchStatus)row.GetInt32(4), Current: row.GetBoolean(5)),
                ("@clientId", Guid.CreateVersion7()),
                ("@client", request.Client),
                ("@key", request.Key),
                ("@answers", request.Answers.ToArray()),
                ("@id", request.Id),
                ("@uploadId", request.UploadId),
                ("@fingerprint", SHA256.HashData(request.UploadId.ToByteArray())),
                ("@columns", JsonSerializer.Serialize(request.Fields)),
                ("@headerMap", JsonSerializer.Serialize(request.Fields.Select((field, position) => (field, position)).ToDictionary(field => field.field, field => new[] { field.position }))),
                ("@pipeline", request.Pipeline),
                ("@snapshot", request.Snapshot));
            var (batch, version, upload, uploadId, status, _) = found.Find(each => each.Current);
            return batch > 0 && status is BatchStatus.Pending or BatchStatus.Running or BatchStatus.Paused ? new AskBatch(batch, version, upload, uploadId, [.. found.Select(each => each.Batch)]) : null;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Asked>?> AskAsync(AskRequest request, CancellationToken cancellationToken) => WriteAsync<IReadOnlyList<Asked>?>(
        session =>
        {
            var asked = new Asked[request.Entities.Count];
            foreach (var bucket in request.Entities.Select((entity, number) => (entity, number)).GroupBy(each => each.entity.Bucket))
            {
                var entities = bucket.ToList();
                if (AskOf(session, request, bucket.Key, [.. entities.Select(each => each.entity)]) is not { } found)
                {
                    return null;
                }

                foreach (var ((_, number), answer) in entities.Zip(found))
                {
                    asked[number] = answer;
                }
            }

            return asked;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Ask>> AwaitAsync(Lease lease, IReadOnlyList<EntityWait> waits, TimeSpan actsAfter, CancellationToken cancellationToken)
    {
        var set = JsonRows.Of(waits, (cells, wait) =>
        {
            cells.WriteNumberValue(wait.Item);
            cells.WriteNumberValue(wait.Attempt);
            cells.WriteNumberValue(wait.Generation);
            cells.WriteNumberValue(wait.Ask.Bucket);
            cells.WriteNumberValue(wait.Ask.Batch);
            cells.WriteNumberValue(wait.Ask.Item);
        });
        return WriteAsync<IReadOnlyList<Ask>>(
            session =>
            {
                session.Execute(
                    "await_asks",
                    ("@bucket", lease.Range.Bucket),
                    ("@batch", lease.Range.Batch),
                    ("@stage", lease.Range.Stage),
                    ("@lo", lease.Lo),
                    ("@token", lease.Token),
                    ("@waits", set),
                    ("@actsAfter", actsAfter));
                return [.. waits.Select(wait => wait.Ask).Distinct().GroupBy(ask => ask.Range).Where(range => Recall(session, range.Key, range.Select(ask => ask.Item)) > 0).SelectMany(range => range)];
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<int> ShareAsync(RangeKey asks, IReadOnlyList<int>? items, CancellationToken cancellationToken) =>
        WriteAsync(session => Share(session, asks, items), cancellationToken);

    /// <inheritdoc />
    public async Task<int> TendAsksAsync(CancellationToken cancellationToken)
    {
        // Looked for beside the writer first: most often there is nothing.
        var (idle, strays) = await ReadAsync(session => (FindIdle(session), FindStrays(session)), cancellationToken).ConfigureAwait(false);
        if (idle.Count > 0)
        {
            await WriteAsync(
                session =>
                {
                    FindIdle(session).ForEach(batch => session.Execute("end_asks", ("@batch", batch)));
                    return 0;
                },
                cancellationToken).ConfigureAwait(false);
        }

        // What is damaged in one range keeps no other waiting; it is told at the end.
        var changed = 0;
        ExceptionDispatchInfo? fault = null;
        foreach (var range in strays.GroupBy(stray => (stray.Asks, stray.Gone)))
        {
            try
            {
                changed += await WriteAsync(session => Tend(session, range.Key.Asks, range.Key.Gone, [.. range]), cancellationToken).ConfigureAwait(false);
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
    public async Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query(
            "read_savings", row => new EntitySavings(row.GetInt16(0), row.GetInt32(1), row.GetInt32(2), row.TextOrNull(3) is { } cost ? decimal.Parse(cost, CultureInfo.InvariantCulture) : null), ("@batch", batch)),
        cancellationToken).ConfigureAwait(false);

    private static int Tend(Session session, RangeKey asks, bool gone, List<(short Bucket, RangeKey Asks, int Ask, bool Gone)> strays)
    {
        int[] items = [.. strays.Select(stray => stray.Ask).Distinct()];
        if (gone)
        {
            List<Answer> lost = [.. items.Select(item => new Answer(item, (int)Status.Cancelled, null, null, null, null, 0, 0))];
            return Share(session, asks.Batch, lost, strays.Select(stray => stray.Bucket).Distinct());
        }

        Recall(session, asks, items);
        return Share(session, asks, items);
    }

    private static List<int> FindIdle(Session session) => session.Query("find_idle_asks", row => row.GetInt32(0));

    private static List<(short Bucket, RangeKey Asks, int Ask, bool Gone)> FindStrays(Session session) => session.Query(
        "find_stray_waits", row => (row.GetInt16(0), new RangeKey(row.GetInt16(3), row.GetInt32(4), 1), row.GetInt32(5), row.GetBoolean(6)), ("@limit", StraysAtOnce));

    private static List<Asked>? AskOf(Session session, AskRequest request, short bucket, List<WantedEntity> entities)
    {
        using var asks = JsonSet.Of(entities, entities.Sum(entity => entity.Key.Length + (entity.Raw.Length * 5 / 4) + 16), (cells, entity) =>
        {
            cells.WriteStringValue(entity.Key);
            cells.WriteStringValue(entity.Raw.Span);
            cells.WriteNumberValue(entity.Permitted ? 1 : 0);
        });
        var found = session.Query(
            "ask",
            row => new Asked(new(bucket, row.GetInt32(1), row.GetInt32(2)), (StepOutcomeKind?)row.IntOrNull(4), row.IsDBNull(5) ? default : row.Bytes(5), row.GetBoolean(3)),
            ("@bucket", bucket),
            ("@batch", request.Asks.Batch),
            ("@stage", 1),
            ("@review", request.Review),
            ("@version", request.Asks.Version),
            ("@upload", request.Asks.Upload),
            ("@batches", JsonRows.Of(request.Asks.All)),
            ("@asks", asks.Text),
            ("@asker", request.Asker),
            ("@offset", request.Asks.OffsetOf(bucket)),
            ("@fresh", request.Fresh),
            ("@freshNotFound", request.FreshNotFound),
            ("@since", request.Since?.ToUnixTimeMilliseconds()));
        return found.Count == entities.Count ? found : null;
    }

    private static int Recall(Session session, RangeKey asks, IEnumerable<int> items) => (int)session.Number(
        "recall_asks", ("@bucket", asks.Bucket), ("@batch", asks.Batch), ("@stage", asks.Stage), ("@items", JsonRows.Of(items)))!;

    /// <summary>Withdraws those asks for which nobody waits any more.</summary>
    private static void DropUnwanted(Session session, List<Ask> asks)
    {
        foreach (var range in asks.Distinct().GroupBy(ask => ask.Range))
        {
            var unwanted = session.Query(
                "find_unwanted",
                row => (Item: row.GetInt32(0), Callers: row.GetInt32(1)),
                ("@bucket", range.Key.Bucket),
                ("@batch", range.Key.Batch),
                ("@items", JsonRows.Of(range.Select(ask => ask.Item))));
            var set = JsonRows.Of(unwanted, (cells, ask) =>
            {
                cells.WriteNumberValue(ask.Item);
                cells.WriteNumberValue(ask.Callers);
            });
            session.Number("drop_asks", ("@bucket", range.Key.Bucket), ("@batch", range.Key.Batch), ("@stage", range.Key.Stage), ("@asks", set));
        }
    }

    private static int Share(Session session, RangeKey asks, IReadOnlyList<int>? items)
    {
        var changed = 0;
        while (true)
        {
            var answers = session.Query(
                "find_answers",
                ReadAnswer,
                ("@bucket", asks.Bucket),
                ("@batch", asks.Batch),
                ("@stage", asks.Stage),
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
            changed += Share(session, asks.Batch, answers, Enumerable.Range(0, Bucket.Count).Where(bucket => (mask & (1UL << bucket)) != 0).Select(bucket => (short)bucket));
            var shared = JsonRows.Of(answers, (cells, answer) =>
            {
                cells.WriteNumberValue(answer.Item);
                cells.WriteNumberValue(answer.Callers);
            });
            session.Number("mark_shared", ("@bucket", asks.Bucket), ("@batch", asks.Batch), ("@stage", asks.Stage), ("@asks", shared));
        }
    }

    private static int Share(Session session, int askBatch, List<Answer> answers, IEnumerable<short> buckets)
    {
        var waits = session.Query(
            "find_waits",
            row => (Range: ReadRange(row), Ask: row.GetInt32(3)),
            ("@buckets", JsonRows.Of(buckets)),
            ("@askBatch", askBatch),
            ("@askItems", JsonRows.Of(answers.Select(answer => answer.Item))));
        return waits.GroupBy(wait => wait.Range, wait => wait.Ask).Sum(range =>
        {
            var asks = range.ToHashSet();
            using var shared = Rows(answers.FindAll(answer => asks.Contains(answer.Item)));
            return session.Query(
                "share",
                row => row.GetInt32(0),
                ("@bucket", range.Key.Bucket),
                ("@batch", range.Key.Batch),
                ("@stage", range.Key.Stage),
                ("@askBatch", askBatch),
                ("@answers", shared.Text)).Count;
        });
    }

    private static JsonSet Rows(List<Answer> answers) => JsonSet.Of(answers, answers.Sum(answer => ((answer.Data?.Length ?? 0) * 5 / 4) + 64), (cells, answer) =>
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

    private static Answer ReadAnswer(SqliteDataReader row) => new(
        row.GetInt32(0), row.GetInt32(1), row.IntOrNull(4), row.IsDBNull(5) ? null : row.Bytes(5), row.IntOrNull(2), row.TextOrNull(3), (ulong)row.GetInt64(6), row.GetInt32(7));

    private sealed record Answer(int Item, int Status, int? Kind, byte[]? Data, int? ErrorClass, string? Error, ulong Waiting, int Callers);
}
