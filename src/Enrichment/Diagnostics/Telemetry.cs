using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Diagnostics;

/// <summary>
/// The instruments and spans of one engine. Without a listener it measures nothing. It adds to counters once for a set of items.
/// </summary>
internal sealed partial class Telemetry : IDisposable
{
    /// <summary>The name of the meter and of the source of spans, by which hosts listen to them.</summary>
    public const string Name = "Enrichment";

    private static readonly int Kinds = Enum.GetValues<StepOutcomeKind>().Max(kind => (int)kind) + 1;
    private static readonly int Classes = Enum.GetValues<ErrorClass>().Max(error => (int)error) + 1;

    private readonly TimeProvider time;
    private readonly bool clientInSpans;
    private readonly ActivitySource source;
    private readonly Meter? own;
    private readonly Histogram<double> step;
    private readonly Histogram<double> answer;
    private readonly Histogram<double> claim;
    private readonly Histogram<double> commit;
    private readonly Histogram<double> limitWait;
    private readonly Counter<long> settled;
    private readonly Counter<long> attempts;
    private readonly Counter<double> cost;
    private readonly Counter<long> callbacks;
    private readonly Counter<long> leases;
    private readonly Counter<long> refusals;
    private readonly Counter<long> staged;
    private readonly Counter<long> exported;
    private long turned;

    /// <param name="time">The host's clock.</param>
    /// <param name="meters">The host's meters, which other hosts in the process do not share. Null: a meter of its own.</param>
    /// <param name="clientInSpans">Whether spans name the client.</param>
    /// <param name="engine">The name of the engine, a tag of its meter and source; null if it has none.</param>
    public Telemetry(TimeProvider time, IMeterFactory? meters = null, bool clientInSpans = false, string? engine = null)
    {
        this.time = time;
        this.clientInSpans = clientInSpans;
        var version = typeof(Telemetry).Assembly.GetName().Version?.ToString(3);
        KeyValuePair<string, object?>[]? tags = engine is null ? null : [new(TelemetryNames.Engine, engine)];
        source = new(Name, version, tags);
        var described = new MeterOptions(Name) { Version = version, Tags = tags };
        var meter = meters?.Create(described) ?? (own = new(described));
        step = meter.CreateHistogram("enrichment.step.duration", "s", "How long a call of a step took.", null, TelemetryNames.Calls);
        answer = meter.CreateHistogram(
            "enrichment.answer.duration",
            "s",
            "How long after its call an answer came, by delivery or poll.",
            null,
            TelemetryNames.Answers);
        claim = meter.CreateHistogram(
            "enrichment.claim.duration",
            "s",
            "How long the store took to lease an interval of items.",
            null,
            TelemetryNames.StoreDurations);
        commit = meter.CreateHistogram(
            "enrichment.commit.duration",
            "s",
            "How long a set of outcomes took to be written, repetitions included.",
            null,
            TelemetryNames.StoreDurations);
        limitWait = meter.CreateHistogram(
            "enrichment.limit.wait.duration",
            "s",
            "How long a call waited for its permit's time under a rate limit.",
            null,
            TelemetryNames.Calls);
        settled = meter.CreateCounter<long>("enrichment.items.settled", "{item}", "Items that ended at a stage.");
        attempts = meter.CreateCounter<long>("enrichment.attempts", "{attempt}", "Attempts that ended and were written.");
        cost = meter.CreateCounter<double>("enrichment.cost", "{unit}", "The cost of attempts, as their steps reported it.");
        callbacks = meter.CreateCounter<long>("enrichment.callbacks.received", "{delivery}", "Deliveries that were answered.");
        leases = meter.CreateCounter<long>("enrichment.leases.lost", "{lease}", "Leases that a sweep took over from a host that was lost.");
        refusals = meter.CreateCounter<long>(
            "enrichment.limit.refusals",
            "{attempt}",
            "Attempts that a rate limit or a used-up account refused.");
        staged = meter.CreateCounter<long>("enrichment.rows.staged", "{row}", "Rows of sealed uploads.");
        exported = meter.CreateCounter<long>("enrichment.rows.exported", "{row}", "Rows of typed tables that were exported.");
        gauges = CreateGauges(meter);
    }

    public void Dispose()
    {
        own?.Dispose();
        source.Dispose();
    }

    /// <summary>How long ago a loop of the worker last went round; null if none runs.</summary>
    public TimeSpan? SinceTurn => Interlocked.Read(ref turned) is not 0 and var at ? time.GetElapsedTime(at) : null;

    /// <summary>A loop of the worker went round.</summary>
    public void Turned() => Interlocked.Exchange(ref turned, Math.Max(1, time.GetTimestamp()));

    /// <summary>The loops ended because the worker did.</summary>
    public void TurnsEnded() => Interlocked.Exchange(ref turned, 0);

    /// <summary>When a claim begins; 0 without a listener.</summary>
    public long BeginClaim() => Begin(claim);

    /// <summary>A range was claimed, or another host was faster.</summary>
    public void Claimed(StagePlan plan, long since, bool won)
    {
        if (since != 0)
        {
            claim.Record(
                Seconds(since),
                new(TelemetryNames.Step, plan.Stage.Manifest.Slug),
                new(TelemetryNames.Outcome, won ? "claimed" : "empty"));
        }
    }

    /// <summary>When a call begins to wait for its limit; 0 without a listener.</summary>
    public long BeginLimitWait() => Begin(limitWait);

    /// <summary>A call had its moment, or was told that it may not be made.</summary>
    public void LimitWaited(StagePlan plan, long since, bool allowed)
    {
        if (since != 0)
        {
            limitWait.Record(
                Seconds(since),
                new(TelemetryNames.Step, plan.Stage.Manifest.Slug),
                new(TelemetryNames.Provider, plan.Provider));
        }

        if (!allowed)
        {
            Refused(plan, 1, "lapsed");
        }
    }

    /// <summary>A call of a step ended.</summary>
    /// <param name="plan">Its stage.</param>
    /// <param name="since">When it began.</param>
    /// <param name="outcome">What it ended with; null if its items have an outcome each.</param>
    /// <param name="span">Its span, which ends.</param>
    public void Called(StagePlan plan, long since, StepOutcome? outcome, Activity? span)
    {
        End(span, outcome);
        if (!step.Enabled)
        {
            return;
        }

        var tags = Of(plan);
        if (outcome is not null)
        {
            tags.Add(TelemetryNames.Outcome, TelemetryNames.Of(outcome.Kind));
            Add(ref tags, outcome.ErrorClass);
        }

        step.Record(Seconds(since), tags);
    }

    /// <summary>When a write begins; 0 without a listener.</summary>
    public long BeginCommit() => Begin(commit);

    /// <summary>A set of outcomes was written.</summary>
    /// <param name="plan">Their stage.</param>
    /// <param name="since">When the write began.</param>
    /// <param name="outcomes">The outcomes, as they were written.</param>
    /// <param name="written">The items of which the store took one.</param>
    public void Committed(StagePlan plan, long since, List<StateChange> outcomes, HashSet<int> written)
    {
        if (since != 0)
        {
            commit.Record(Seconds(since), new KeyValuePair<string, object?>(TelemetryNames.Step, plan.Stage.Manifest.Slug));
        }

        if (!settled.Enabled && !attempts.Enabled && !cost.Enabled && !refusals.Enabled)
        {
            return;
        }

        Span<int> ends = stackalloc int[(int)Status.Cancelled + 1];
        Span<int> calls = stackalloc int[Kinds * Classes];
        ends.Clear();
        calls.Clear();
        var costs = 0m;
        foreach (ref readonly var outcome in CollectionsMarshal.AsSpan(outcomes))
        {
            if (!written.Contains(outcome.Item))
            {
                continue;
            }

            ends[(int)outcome.Status] += outcome.Status.IsTerminal() ? 1 : 0;

            // A stored answer, and a call that was not made after all, are no attempts at the vendor's.
            if (outcome is { Outcome: { } kind, Source: null } && !OutcomeRules.IsDrained(outcome))
            {
                calls[((int)kind * Classes) + (int)(outcome.ErrorClass ?? 0)]++;
                costs += outcome.Cost ?? 0;
            }
        }

        Add(plan, ends, calls, costs);
    }

    /// <summary>Items changed without an outcome of their own, all of them at stages of one step.</summary>
    /// <param name="plan">A stage of the step.</param>
    /// <param name="moved">The items.</param>
    public void Moved(StagePlan plan, IReadOnlyList<MovedItems> moved)
    {
        if (!settled.Enabled)
        {
            return;
        }

        foreach (var items in moved.Where(items => items.Status.IsTerminal()))
        {
            Settled(plan, items.Status, items.Count);
        }
    }

    /// <summary>As above, at any stages.</summary>
    /// <param name="plans">Knows the stages.</param>
    /// <param name="moved">The items.</param>
    public async ValueTask MovedAsync(BatchPlans plans, IReadOnlyList<MovedItems> moved)
    {
        if (!settled.Enabled)
        {
            return;
        }

        foreach (var batch in moved.Where(items => items.Status.IsTerminal()).GroupBy(items => items.Batch))
        {
            IReadOnlyList<StagePlan> stages;
            try
            {
                stages = await plans.StagesAsync(batch.Key, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (StoreRetry.IsOutOfReach(exception))
            {
                return; // The items have ended; that they are not counted must not look as if they had not.
            }

            foreach (var items in batch)
            {
                Settled(stages[items.Stage - 1], items.Status, items.Count);
            }
        }
    }

    /// <summary>Calls that were sent were answered, by deliveries or polls, or were given up.</summary>
    /// <param name="plan">Their stage.</param>
    /// <param name="outcomes">Their outcomes.</param>
    /// <param name="written">The items of which the store took an outcome.</param>
    /// <param name="sent">How long ago the calls were sent; read only with a listener.</param>
    public void Answered(StagePlan plan, List<StateChange> outcomes, HashSet<int> written, IEnumerable<(int Item, TimeSpan? Since)> sent)
    {
        if (!answer.Enabled)
        {
            return;
        }

        var since = sent.DistinctBy(one => one.Item).ToDictionary(one => one.Item, one => one.Since);
        foreach (ref readonly var outcome in CollectionsMarshal.AsSpan(outcomes))
        {
            if (outcome is { Outcome: { } kind, Status: not Status.InProgress }
                && written.Contains(outcome.Item)
                && since.GetValueOrDefault(outcome.Item) is { } elapsed)
            {
                var tags = Of(plan);
                tags.Add(TelemetryNames.Outcome, TelemetryNames.Of(kind));
                answer.Record(Math.Max(0, elapsed.TotalSeconds), tags);
            }
        }
    }

    /// <summary>A delivery was answered.</summary>
    /// <param name="plan">The stage that it is for; null if that is not known.</param>
    /// <param name="answer">The answer.</param>
    public void Received(StagePlan? plan, DeliveryAnswer answer)
    {
        if (!callbacks.Enabled)
        {
            return;
        }

        var tags = plan is null ? default : Of(plan);
        tags.Add(TelemetryNames.Outcome, TelemetryNames.Of(answer));
        callbacks.Add(1, tags);
    }

    /// <summary>A lost lease was taken over.</summary>
    public void LeaseLost(StagePlan plan) =>
        leases.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Step, plan.Stage.Manifest.Slug));

    /// <summary>An upload was sealed.</summary>
    public void Staged(long accepted, long rejected)
    {
        staged.Add(accepted, new KeyValuePair<string, object?>(TelemetryNames.Outcome, "accepted"));
        if (rejected > 0)
        {
            staged.Add(rejected, new KeyValuePair<string, object?>(TelemetryNames.Outcome, "rejected"));
        }
    }

    /// <summary>Rows of a table were exported.</summary>
    public void Exported(long rows) => exported.Add(rows);

    private void Add(StagePlan plan, ReadOnlySpan<int> ends, ReadOnlySpan<int> calls, decimal costs)
    {
        for (var status = 0; status < ends.Length; status++)
        {
            if (ends[status] > 0)
            {
                Settled(plan, (Status)status, ends[status]);
            }
        }

        for (var call = 0; call < calls.Length; call++)
        {
            if (calls[call] > 0)
            {
                var kind = (StepOutcomeKind)(call / Classes);
                var error = call % Classes == 0 ? default(ErrorClass?) : (ErrorClass)(call % Classes);
                var tags = Of(plan);
                tags.Add(TelemetryNames.Outcome, TelemetryNames.Of(kind));
                Add(ref tags, error);
                attempts.Add(calls[call], tags);
                if (kind == StepOutcomeKind.RateLimited)
                {
                    Refused(plan, calls[call], error == ErrorClass.OutOfCredits ? "credits" : "vendor");
                }
            }
        }

        if (costs != 0)
        {
            cost.Add((double)costs, Of(plan));
        }
    }

    private void Settled(StagePlan plan, Status status, int items)
    {
        var tags = Of(plan);
        tags.Add(TelemetryNames.Outcome, TelemetryNames.Of(status));
        settled.Add(items, tags);
    }

    private void Refused(StagePlan plan, int calls, string reason) =>
        refusals.Add(
            calls,
            new(TelemetryNames.Step, plan.Stage.Manifest.Slug),
            new(TelemetryNames.Provider, plan.Provider),
            new(TelemetryNames.Reason, reason));

    private static TagList Of(StagePlan plan)
    {
        var tags = default(TagList);
        tags.Add(TelemetryNames.Step, plan.Stage.Manifest.Slug);
        tags.Add(TelemetryNames.Provider, plan.Provider);
        return tags;
    }

    private static void Add(ref TagList tags, ErrorClass? error)
    {
        if (error is { } known)
        {
            tags.Add(TelemetryNames.ErrorType, TelemetryNames.Of(known));
        }
    }

    private long Begin(Histogram<double> histogram) => histogram.Enabled ? Math.Max(1, time.GetTimestamp()) : 0;

    private double Seconds(long since) => time.GetElapsedTime(since).TotalSeconds;
}
