using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>One stage of one batch, ready to run on this host.</summary>
internal sealed class StagePlan
{
    private readonly PipelineSnapshot snapshot;
    private readonly RecordShape stepShape;
    private readonly RecordShape? conditionShape;

    public StagePlan(Batch batch, Upload upload, PipelineSnapshot snapshot, short number, JsonGate gate)
    {
        this.snapshot = snapshot;
        Batch = batch;
        Number = number;
        stepShape = snapshot.StepShape(number, upload);
        conditionShape = Stage.When is null ? null : snapshot.ConditionShape(number, upload);
        Sources = snapshot.Sources(number);
        OutcomeRules = new(Stage, Last, gate);
        Provider = Stage.Manifest.Slug.Split('.', 2)[0];
        Account = LimitKey.Of(Stage.Limits is { Shared: true } ? null : batch.Client, Stage.Limits?.Name ?? Stage.Manifest.Slug);
    }

    /// <summary>How long a task can be fetched where no rate limit gives its call a moment. Then it is handed out anew.</summary>
    public static readonly TimeSpan LongestUnfetched = TimeSpan.FromHours(1);

    public Batch Batch { get; }

    public short Number { get; }

    /// <summary>Which provider the step is of: its slug up to the first dot.</summary>
    public string Provider { get; }

    public StageSnapshot Stage => snapshot.Stage(Number);

    /// <summary>How many items one call takes: one, or as many as a bulk step does.</summary>
    public int ItemsPerCall => Stage.Manifest.BulkSize ?? 1;

    public bool Last => Number == snapshot.Stages.Count;

    /// <summary>The earlier stages whose results its records are made of.</summary>
    public IReadOnlyList<short> Sources { get; }

    public OutcomeRules OutcomeRules { get; }

    /// <summary>The account with the vendor that its calls are made with, which bears the name of its limit.</summary>
    public LimitKey Account { get; }

    /// <summary>Whether a call that was sent takes a place of the limit's concurrency until it is answered.</summary>
    /// <remarks>
    /// Not where items wait for entities: their range counts them among the calls that are out, and the requests have a batch of their own.
    /// Nor where one call is several items.
    /// </remarks>
    public bool CountsUntilAnswered =>
        Stage is { Limits: { Concurrency: not null } limits, Entity: null, Manifest: { MayBeAnsweredLater: true, BulkSize: null } manifest }
        && (limits.UntilAnswered ?? (manifest.External || manifest.PollInterval is not null));

    /// <summary>
    /// How its calls are waited for, if it may be answered later: by polls, as far as it has them, and else until the deadline.
    /// </summary>
    /// <remarks>
    /// Not polled while the call itself may still be out: its outcome brings the reference, and the date of the first poll. The date here
    /// is for a host that is lost before that.
    /// </remarks>
    public Sending Sending =>
        Stage.Manifest is var manifest && manifest.External
            ? new(WaitReason.Worker, LongestUnfetched + manifest.Deadline, LongestUnfetched + manifest.Deadline)
            : manifest.PollInterval is { } poll && Stage.Timeout + poll < manifest.Deadline
            ? new(manifest.ReceivesCallbacks ? WaitReason.Callback : WaitReason.Poll, manifest.Deadline, Stage.Timeout + poll)
            : new(manifest.ReceivesCallbacks ? WaitReason.Callback : WaitReason.Poll, manifest.Deadline, manifest.Deadline);

    public bool ConditionHolds(ClaimedItem item) => conditionShape is null || Stage.When!.Holds(new ItemRecord(conditionShape, item));

    public string IdempotencyKey(ClaimedItem item) => Plans.IdempotencyKey.Of(Batch.Id, Number, item.Item, item.KeyGeneration);

    /// <summary>What the step may read of an item.</summary>
    public EnrichmentRecord Record(ClaimedItem item) => new ItemRecord(stepShape, item);

    public StepContext Context(ClaimedItem item, object? options, TimeProvider time, string? token = null, Uri? address = null) =>
        new(Record(item), options)
        {
            BatchId = Batch.Id,
            Item = item.Item,
            Attempt = item.Attempt + 1,
            IdempotencyKey = IdempotencyKey(item),
            Timeout = Stage.Timeout,
            TimeProvider = time,
            CallbackToken = token,
            CallbackUrl = address,
        };

    public AttemptContext Context(SentItem item, string? reference, object? options, TimeProvider time) => new(options)
    {
        BatchId = Batch.Id,
        Item = item.Item,
        Attempt = item.Attempt,
        IdempotencyKey = Plans.IdempotencyKey.Of(Batch.Id, Number, item.Item, item.KeyGeneration),
        Reference = reference,
        Timeout = Stage.Timeout,
        TimeProvider = time,
    };
}
