using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.PostgreSql;

/// <content>The read side: in row order, a run of neighbours at a time, by primary key, without caps.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public Task RegisterManifestsAsync(IReadOnlyList<StepManifest> manifests, CancellationToken cancellationToken) => ExecuteAsync(
        "register_manifests",
        new
        {
            slugs = Column(manifests, m => m.Slug),
            versions = Column(manifests, m => m.Version),
            manifests = Column(manifests, m => JsonSerializer.Serialize(m)),
            now = Now,
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<StepManifest>> ReadManifestsAsync(CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<string>("read_manifests", null, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => JsonSerializer.Deserialize<StepManifest>(row)!)];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TokenKey>> ReadTokenKeysAsync(CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(short Key, byte[] Secret, bool MaySign)>("read_token_keys", new { now = Now }, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => new TokenKey((byte)row.Key, row.Secret, row.MaySign))];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<StageCounts>> ReadProgressAsync(int batch, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<CountsRow>("read_progress", new { batch }, cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => row.ToCounts())];
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ItemState> ReadStatesAsync(
        int batch,
        Status? status,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        var stages = await StagesAsync(batch, cancellationToken).ConfigureAwait(false);
        await foreach (var run in RunsAsync(found, cancellationToken).ConfigureAwait(false))
        {
            var parameters = new { run.Bucket, batch, stages, run.First, run.Last, status = (short?)status, now = Now };
            foreach (var row in await QueryAsync<StateRow>("read_states", parameters, cancellationToken).ConfigureAwait(false))
            {
                yield return row.ToState();
            }
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(
        int batch,
        short bucket,
        int item,
        CancellationToken cancellationToken)
    {
        var stages = await StagesAsync(batch, cancellationToken).ConfigureAwait(false);
        var rows = await QueryAsync<(DateTime At, short Stage, short? Generation, int? Attempt, string What, string? Detail)>(
                "read_timeline",
                new
                {
                    bucket,
                    batch,
                    stages,
                    item,
                },
                cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. rows.Select(row => new TimelineEntry(
                new(row.At, TimeSpan.Zero),
                row.Stage,
                row.Generation,
                row.Attempt,
                row.What,
                row.Detail)),
        ];
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredResult> ReadResultsAsync(int batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        var stages = await StagesAsync(batch, cancellationToken).ConfigureAwait(false);
        await foreach (var run in PartsAsync(found, stages, cancellationToken).ConfigureAwait(false))
        {
            foreach (var result in await ResultsAsync(batch, stages, run, cancellationToken).ConfigureAwait(false))
            {
                yield return result;
            }
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ItemSnapshot> ReadItemsAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stages = await StagesAsync(batch.Key, cancellationToken).ConfigureAwait(false);
        await foreach (var run in PartsAsync(batch, stages, cancellationToken).ConfigureAwait(false))
        {
            var rows = await QueryAsync<(int Item, string Raw, short Stage, short Status, string? Error)>(
                    "read_batch_rows",
                    new
                    {
                        run.Bucket,
                        batch = batch.Key,
                        batch.Upload,
                        stages,
                        run.First,
                        run.Last,
                    },
                    cancellationToken)
                .ConfigureAwait(false);
            var results = (await ResultsAsync(batch.Key, stages, run, cancellationToken).ConfigureAwait(false)).ToLookup(result =>
                result.Item);
            foreach (var row in rows)
            {
                yield return new(
                    row.Item,
                    Encoding.UTF8.GetBytes(row.Raw),
                    [.. results[row.Item].Select(result => (result.Stage, result.Data))],
                    row.Stage,
                    (Status)row.Status,
                    row.Error);
            }
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<BatchEvent>> ReadEventsAsync(int batch, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(string Kind, string? Detail, DateTime At)>("read_events", new { batch }, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => new BatchEvent(row.Kind, row.Detail, new(row.At, TimeSpan.Zero)))];
    }

    private async Task<List<StoredResult>> ResultsAsync(int batch, short[] stages, BucketRun run, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(int Item, short Stage, int Attempt, short Kind, string Data, DateTime CreatedAt)>(
                "read_results",
                new
                {
                    run.Bucket,
                    batch,
                    stages,
                    run.First,
                    run.Last,
                },
                cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. rows.Select(row => new StoredResult(
                row.Item,
                row.Stage,
                row.Attempt,
                (StepOutcomeKind)row.Kind,
                Encoding.UTF8.GetBytes(row.Data),
                new(row.CreatedAt, TimeSpan.Zero))),
        ];
    }

    // The stages that any item has reached, so that each can be read by key.
    private async Task<short[]> StagesAsync(int batch, CancellationToken cancellationToken) =>
        [.. (await ReadProgressAsync(batch, cancellationToken).ConfigureAwait(false)).Select(counts => counts.Stage)];

    private async IAsyncEnumerable<BucketRun> RunsAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var upload = await FindUploadAsync(batch.Client, batch.UploadId, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Batch {batch.Id} refers to upload {batch.UploadId}, which does not exist.");
        foreach (var run in BucketRun.Of(upload.Id, upload.Accepted + upload.Rejected))
        {
            yield return run;
        }
    }

    private async IAsyncEnumerable<BucketRun> PartsAsync(
        Batch batch,
        short[] stages,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var run in RunsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            foreach (var part in await PartsAsync(run, batch.Upload, batch.Key, stages, cancellationToken).ConfigureAwait(false))
            {
                yield return part;
            }
        }
    }

    private async Task<IEnumerable<BucketRun>> PartsAsync(
        BucketRun run,
        int upload,
        int batch,
        short[] stages,
        CancellationToken cancellationToken) =>
        run.Within(
            await QueryAsync<(int, long)>(
                    "measure_items",
                    new
                    {
                        run.Bucket,
                        upload,
                        batch,
                        stages,
                        run.First,
                        run.Last,
                    },
                    cancellationToken)
                .ConfigureAwait(false));

    private sealed record CountsRow(
        short Stage,
        int Pending,
        int In_Progress,
        int Completed,
        int Failed,
        int Skipped,
        int Cancelled,
        int To_Advance)
    {
        public StageCounts ToCounts() => new()
        {
            Stage = Stage,
            Pending = Pending,
            InProgress = In_Progress,
            Completed = Completed,
            Failed = Failed,
            Skipped = Skipped,
            Cancelled = Cancelled,
            ToAdvance = To_Advance,
        };
    }

    private sealed record StateRow(
        int Item,
        short Stage,
        short Generation,
        int Status,
        int Attempt,
        short Tries,
        string? Reason,
        DateTime? Acts_At,
        short? Error_Class,
        string? Error,
        DateTime Updated_At)
    {
        public ItemState ToState() => new()
        {
            Item = Item,
            Stage = Stage,
            Generation = Generation,
            Status = (Status)Status,
            Attempt = Attempt,
            Tries = Tries,
            Reason = Reason,
            ActsAt = Acts_At is { } at ? new(at, TimeSpan.Zero) : null,
            ErrorClass = (ErrorClass?)Error_Class,
            Error = Error,
            UpdatedAt = new(Updated_At, TimeSpan.Zero),
        };
    }
}
