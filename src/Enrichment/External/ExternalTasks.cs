using Enrichment.Hosting;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>Gives items to external workers and takes their outcomes. A host maps requests to it; nothing here knows of HTTP.</summary>
/// <remarks>
/// Nothing is kept between two calls: the lease's name holds all there is to know, so that any host may answer the next one. Claims,
/// attempts, outcome rules and commits are those of the engine's own claims; a worker that says nothing more is a lost host, which the
/// sweep finds. Thread-safe.
/// </remarks>
internal sealed class ExternalTasks
{
    // As a host's claims do: a lost race leads to the next range.
    private const int CandidatesAtOnce = 32;

    // Whose lease has lapsed and was not taken over may still write; until it is given back, or renewed, it needs no more.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly IEnrichmentStore store;
    private readonly TokenKeys keys;
    private readonly BatchPlans plans;
    private readonly WorkSignal signal;
    private readonly TimeProvider time;
    private readonly WorkerLimits limits;
    private readonly VendorCredits credits;
    private readonly ExternalTaskClaims claims;
    private readonly OutcomeWriter writer;
    private readonly KnownSteps steps;
    private readonly WorkerScope scope = WorkerScope.Everything;

    internal ExternalTasks(
        IEnrichmentStore store,
        TokenKeys keys,
        BatchPlans plans,
        StepCatalogue catalogue,
        WorkSignal signal,
        WorkerOptions options,
        Instruments instruments)
    {
        this.store = store;
        this.keys = keys;
        this.plans = plans;
        this.signal = signal;
        time = instruments.Time;
        limits = new(store, time);
        credits = new(store, store, time);
        // The worker keeps its answers until it is told that they are stored.
        writer = new(store, store, calls: null, credits, limits: null, instruments);
        claims = new(store, store, keys, writer, limits, signal, options);
        steps = new(store, catalogue);
    }

    private ExternalTasks(ExternalTasks whole, WorkerScope scope)
    {
        (store, keys, plans, signal, time) = (whole.store, whole.keys, whole.plans, whole.signal, whole.time);
        (limits, credits) = (whole.limits, whole.credits);
        (writer, claims, steps) = (whole.writer, whole.claims, whole.steps);
        this.scope = scope;
    }

    /// <summary>
    /// The tasks that a worker with a limited identity may have: items of other clients and steps are not there for it, and leases of
    /// theirs are none.
    /// </summary>
    public ExternalTasks Within(WorkerScope scope) => new(this, scope);

    /// <summary>
    /// Leases due items of a step, of whatever client, and writes their attempts. Clients are alike, and a client's batches share by
    /// priority: who is next is drawn by lot.
    /// </summary>
    /// <remarks>
    /// Where a vendor states limits, no more items are handed out than may be called for, each with its moment:
    /// <see cref="ExternalTaskItem.CallAfterSeconds"/>.
    /// </remarks>
    /// <exception cref="EnrichmentException">
    /// The request is out of its bounds, the step is not in the worker's scope, or no host knows it; the message says how.
    /// </exception>
    public async Task<WorkOffer> ClaimAsync(WorkRequest request, CancellationToken cancellationToken)
    {
        request.Validate();
        if (!scope.AllowsStep(request.Step))
        {
            throw new EnrichmentException(
                $"step: '{Excerpt.Of(request.Step)}' is not among the steps that this worker may work on. The host that maps the worker API says which are.");
        }

        List<StagePlan> met = [];
        var begun = time.GetTimestamp();
        var due = await store.FindDueAsync([], cancellationToken).ConfigureAwait(false);
        credits.Learn(due.UsedUp, begun);
        foreach (var batch in Drawn(due.Batches))
        {
            var stages = await plans.StagesAsync(batch, cancellationToken).ConfigureAwait(false);
            if (stages.Count == 0 || !scope.Allows(stages[0].Batch.Client, request.Step))
            {
                continue;
            }

            foreach (var stage in stages.Where(stage => IsFor(request, stage)))
            {
                await limits.MeetAsync(stage, cancellationToken).ConfigureAwait(false);
                await credits.MeetAsync(stage, cancellationToken).ConfigureAwait(false);
                met.Add(stage);
            }

            foreach (var candidate in await CandidatesAsync(batch, stages, request, cancellationToken).ConfigureAwait(false))
            {
                var stage = stages[candidate.Range.Stage - 1];
                if (
                    Rest(stage) > TimeSpan.Zero
                    || await credits.AllowAsync(stage, request.Limit, request.Lease, cancellationToken).ConfigureAwait(false)
                        is not { Calls: > 0 } allowed)
                {
                    continue;
                }

                if (await claims.TryAsync(request with { Limit = allowed.Calls }, candidate, stage).ConfigureAwait(false) is { } work)
                {
                    return new(work, null);
                }

                if (allowed.Probes)
                {
                    await credits.ReturnAsync(stage).ConfigureAwait(false);
                }
            }
        }

        if (met.Count == 0)
        {
            await steps.RequireAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var rests = met.ConvertAll(Rest).FindAll(rest => rest > TimeSpan.Zero);
        return new(null, rests.Count == 0 ? null : rests.Min());
    }

    /// <summary>
    /// Writes outcomes: results, states, next stages and attempts in one transaction. May be repeated: what was written is not written
    /// twice. With the last of its items a lease is given back.
    /// </summary>
    /// <returns>
    /// The items whose state changed, ascending; the others had been written before, were cancelled, or their lease was lost.
    /// </returns>
    /// <exception cref="EnrichmentException">The lease is none, or an item stands twice.</exception>
    public async Task<IReadOnlyList<int>> SettleAsync(
        string lease,
        IReadOnlyList<ExternalTaskOutcome> outcomes,
        CancellationToken cancellationToken)
    {
        if (outcomes.Select(outcome => outcome.Item).Distinct().Count() < outcomes.Count)
        {
            throw new EnrichmentException("The outcomes name an item twice. Give one outcome for each item.");
        }

        var (held, stage) = await HeldAsync(lease, cancellationToken).ConfigureAwait(false);
        var open = (await store.ReadLostAsync(held.Lease, cancellationToken).ConfigureAwait(false))
            .Where(item => item.OpenAttempt is not null)
            .ToDictionary(item => item.Item);
        List<ExternalTaskOutcome> said =
        [
            .. outcomes
                .Where(outcome => outcome.Item >= held.Lease.Lo && outcome.Item <= held.Lease.Hi)
                .Where(outcome => !open.TryGetValue(outcome.Item, out var item) || item.OpenAttempt == outcome.Attempt),
        ];
        var commits = said.ConvertAll(outcome =>
            stage.OutcomeRules.Of(Claimed(outcome, open), outcome.Outcome, Random.Shared.NextDouble()));
        var now = time.GetTimestamp(); // When a worker's call began is not known here: what it hears holds from now on.
        foreach (var outcome in outcomes)
        {
            credits.Note(stage, outcome.Outcome, now);
        }

        await limits
            .NoteAsync(stage, [.. said.Where(outcome => open.ContainsKey(outcome.Item)).Select(outcome => outcome.Outcome)])
            .ConfigureAwait(false);
        var written = await CommitAsync(held, stage, commits).ConfigureAwait(false);
        if (written.Count == open.Count)
        {
            await store.ReleaseAsync(held.Lease, evenIfDue: true, CancellationToken.None).ConfigureAwait(false);
            await limits.EndAsync(held, stage, [.. outcomes.Select(outcome => outcome.Outcome.Kind)]).ConfigureAwait(false);
        }

        signal.Raise();
        return [.. written.Order()];
    }

    /// <summary>
    /// Prolongs a lease from now on. False if it was given back or taken over: what the worker has in hand is no longer its own.
    /// </summary>
    /// <exception cref="EnrichmentException">The lease is none, or so long is none.</exception>
    public async Task<bool> RenewAsync(string lease, TimeSpan duration)
    {
        WorkRequest.Validate(duration);
        var (held, stage) = await HeldAsync(lease, CancellationToken.None).ConfigureAwait(false);
        if (!await RenewAsync(held, duration).ConfigureAwait(false))
        {
            return false;
        }

        if (held.Block > 0)
        {
            await limits.RenewAsync(held, stage, duration).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>
    /// Gives a lease back. What is still in the worker's hands was not called for: it costs no try, and others may have it at once.
    /// </summary>
    /// <returns>How many items were left.</returns>
    /// <exception cref="EnrichmentException">The lease is none.</exception>
    public async Task<int> ReleaseAsync(string lease, CancellationToken cancellationToken)
    {
        var (held, stage) = await HeldAsync(lease, cancellationToken).ConfigureAwait(false);

        // Of a lease that was lost, the open attempts may be another worker's.
        if (!await RenewAsync(held, Grace).ConfigureAwait(false))
        {
            return 0;
        }

        var left = (await store.ReadLostAsync(held.Lease, cancellationToken).ConfigureAwait(false)).Where(item =>
            item.OpenAttempt is not null);
        var written = await CommitAsync(held, stage, [.. left.Select(item => stage.OutcomeRules.Drained(Claimed(item)))])
            .ConfigureAwait(false);
        await store.ReleaseAsync(held.Lease, evenIfDue: true, CancellationToken.None).ConfigureAwait(false);
        await limits.EndAsync(held, stage).ConfigureAwait(false);
        signal.Raise();
        return written.Count;
    }

    private async Task<Candidate[]> CandidatesAsync(
        int batch,
        IReadOnlyList<StagePlan> stages,
        WorkRequest request,
        CancellationToken cancellationToken)
    {
        short[] others = [.. stages.Where(stage => !IsFor(request, stage) || Rest(stage) > TimeSpan.Zero).Select(stage => stage.Number)];
        if (others.Length == stages.Count)
        {
            return [];
        }

        Candidate[] candidates =
        [
            .. await store.FindCandidatesAsync(batch, others, CandidatesAtOnce, cancellationToken).ConfigureAwait(false),
        ];
        Random.Shared.Shuffle(candidates);
        return candidates;
    }

    private TimeSpan Rest(StagePlan stage) =>
        limits.Rest(stage) is var rest && credits.Rest(stage) is var pause && pause > rest ? pause : rest;

    private static bool IsFor(WorkRequest request, StagePlan stage) => stage.Stage.Manifest is var manifest
        && manifest.Slug == request.Step && (request.Version is null || manifest.Version == request.Version) && !manifest.MayBeAnsweredLater
        && stage.Stage.Entity is null; // Only hosts ask for entities; their asks are handed out like any item.

    /// <summary>
    /// The batches in the order of a lot: each client has the same chance to be first, and each batch of a client one by its priority.
    /// </summary>
    private static IEnumerable<int> Drawn(IEnumerable<DueBatch> due) => due
        .GroupBy(batch => batch.Client)
        .OrderBy(_ => Random.Shared.NextDouble())
        .SelectMany(own => own.OrderBy(batch => -Math.Log(1 - Random.Shared.NextDouble()) / batch.Priority))
        .Select(batch => batch.Batch);

    // An item that is not open any more is written in vain, but for its attempt: an answer that came too late is kept there.
    private static ClaimedItem Claimed(ExternalTaskOutcome outcome, Dictionary<int, LostItem> open) =>
        Claimed(
            open.TryGetValue(outcome.Item, out var item)
                ? item
                : new(outcome.Item, Generation: 0, outcome.Attempt - 1, Tries: 0, outcome.Attempt));

    private static ClaimedItem Claimed(LostItem item) =>
        new()
        {
            Item = item.Item,
            Generation = item.Generation,
            Attempt = item.Attempt,
            Tries = item.Tries,
            Raw = default,
        };

    private async Task<IReadOnlyCollection<int>> CommitAsync(LeaseHandle held, StagePlan stage, List<StateChange> commits)
    {
        if (commits.Count == 0)
        {
            return [];
        }

        var request = new CommitRequest(held.Lease, held.Worker, AttemptsAreOpen: true, commits)
        {
            IsRequestBatch = stage.Batch.IsRequestBatch,
        };
        return (await writer.CommitAsync(stage, request, Grace).ConfigureAwait(false)).Items;
    }

    // On a thread of the pool: the port's renewal is synchronous.
    private Task<bool> RenewAsync(LeaseHandle held, TimeSpan duration) =>
        Task.Run(() => store.Renew(held.Worker, [held.Lease], duration).Count > 0);

    /// <summary>
    /// A lease that hosts of this store gave out, of a stage in the worker's scope. Of one that is neither, no difference is told.
    /// </summary>
    private async Task<(LeaseHandle Held, StagePlan Stage)> HeldAsync(string lease, CancellationToken cancellationToken) =>
        await LeaseHandle.ReadAsync(lease, keys, cancellationToken).ConfigureAwait(false) is { } held
        && (await plans.StagesAsync(held.Lease.Range.Batch, cancellationToken).ConfigureAwait(false)).ElementAtOrDefault(
            held.Lease.Range.Stage - 1)
            is { } stage
        && scope.Allows(stage.Batch.Client, stage.Stage.Manifest.Slug)
            ? (held, stage)
            : throw new EnrichmentException("lease: expected the unchanged text that a claim returned.");
}
