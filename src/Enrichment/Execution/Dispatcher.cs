using System.Collections.Concurrent;
using Enrichment.Callbacks;
using Enrichment.Entities;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>Claims due work and runs it: find a range, lease an interval, work through it, give it back. Each lane of a host runs one loop of this.</summary>
internal sealed class Dispatcher(
    IEnrichmentStore store, StoreCalls calls, OutcomeWriter writer, BatchPlans plans, HostSteps steps, Asker asker, CallbackTokens callbacks, DueLook look, FairShare share, Limits limits, Heartbeat heartbeat, Quarantine quarantine, WorkSignal signal, string owner, WorkerOptions options, TimeProvider time, ILogger logger)
{
    // More than a host has lanes, so that a lost race leads to the next range and not to the next look.
    private const int CandidatesAtOnce = 32;

    // What a limit keeps from being sent for longer is left to its date, and a run that ends when nothing is due ends.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> missing = new();
    private long outcomes;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref outcomes);

    /// <summary>Stages whose step this host does not have, as far as it has met them.</summary>
    public IReadOnlyCollection<(int Batch, short Stage)> Missing => [.. missing.Keys];

    /// <summary>Claims one interval of the batch whose turn it is, and works through it.</summary>
    /// <param name="idle">Raised if nothing is due.</param>
    /// <param name="stop">Asks to begin nothing more.</param>
    /// <returns>False if there was nothing to claim.</returns>
    public async Task<bool> WorkOnceAsync(WorkSignal idle, CancellationToken stop)
    {
        await quarantine.EnterAsync(stop).ConfigureAwait(false);
        try
        {
            return await TakeTurnAsync(idle, stop).ConfigureAwait(false);
        }
        finally
        {
            quarantine.Leave();
        }
    }

    private async Task<bool> TakeTurnAsync(WorkSignal idle, CancellationToken stop)
    {
        var (asked, hint) = (time.GetTimestamp(), signal.Next);
        if (await TakeTurnAsync((await look.ReadAsync(long.MinValue, Unsent, stop).ConfigureAwait(false)).Batches, stop).ConfigureAwait(false))
        {
            return true;
        }

        // Only what is seen from now on tells that there is nothing; and what a limit's rest hid may be due, also if the rest is over by now.
        var due = await look.ReadAsync(asked, Unsent, stop).ConfigureAwait(false);
        var hidden = due.Except.Except(missing.Keys).Any();
        if (due.Batches.Count == 0 && !hidden)
        {
            idle.Raise();
        }

        if (await TakeTurnAsync(due.Batches, stop).ConfigureAwait(false))
        {
            return true;
        }

        // Limits rest for moments only: there is work, as soon as they are over. Nor may calls that are in hand lapse because another host was faster at one range.
        var resting = limits.Resting().Shortest;
        var rest = due.Batches.Count > 0 && limits.HasSpare || hidden && resting == TimeSpan.Zero ? ShortestRest : resting;
        if (rest > TimeSpan.Zero && rest <= LongestRest)
        {
            await time.WaitAsync(hint, rest, stop).ConfigureAwait(false);
            return true;
        }

        return false;
    }

    /// <summary>Stages of which this host can send nothing now.</summary>
    private IReadOnlyCollection<(int Batch, short Stage)> Unsent() => limits.Resting().Stages is { Count: > 0 } resting ? [.. Missing, .. resting] : Missing;

    private async Task<bool> TakeTurnAsync(IReadOnlyList<DueBatch> due, CancellationToken stop)
    {
        var tried = new HashSet<int>();
        while (share.Next(due, tried) is { } turn)
        {
            using (turn)
            {
                if (await ClaimAndWorkAsync(turn.Batch, stop).ConfigureAwait(false))
                {
                    return true;
                }
            }

            tried.Add(turn.Batch);
        }

        return false;
    }

    private async Task<bool> ClaimAndWorkAsync(int batch, CancellationToken stop)
    {
        short[] except = [.. Unsent().Where(stage => stage.Batch == batch).Select(stage => stage.Stage)];
        Candidate[] candidates = [.. await store.FindCandidatesAsync(batch, except, CandidatesAtOnce, stop).ConfigureAwait(false)];

        // Lanes and hosts that look at once are told of the same ranges: in the same order, all but one would wait for a row and go away empty-handed.
        Random.Shared.Shuffle(candidates);
        foreach (var candidate in candidates)
        {
            var plan = await plans.FindAsync(candidate.Range, stop).ConfigureAwait(false);
            if (!steps.Has(plan.Stage) && !plan.Stage.OnlyAsks)
            {
                if (missing.TryAdd((candidate.Range.Batch, candidate.Range.Stage), 0) && !steps.Declares(plan.Stage))
                {
                    Log.StepMissing(logger, plan.Batch.Id, plan.Number, plan.Stage.Manifest.Slug, plan.Stage.Manifest.Version);
                }

                continue;
            }

            if (await TryClaimAsync(candidate, plan, alone: false, stop).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Claims no more than may be sent now, and works through it.</summary>
    private async Task<bool> TryClaimAsync(Candidate candidate, StagePlan plan, bool alone, CancellationToken stop)
    {
        if (plan.Stage is not { Limits: { } stated, OnlyAsks: false })
        {
            return await TryClaimAsync(Request(candidate, plan, options.ClaimSize), plan, turn: null, alone, stop).ConfigureAwait(false);
        }

        var gate = await limits.FindAsync(plan, stated, stop).ConfigureAwait(false);
        var bulk = plan.Stage.Manifest.BulkSize ?? 1;
        using var turn = await gate.TakeTurnAsync(Math.Max(1, Math.Min(options.ClaimSize, options.InFlight) / bulk), stop).ConfigureAwait(false);
        if (turn is null)
        {
            return false;
        }

        try
        {
            return await TryClaimAsync(Request(candidate, plan, Math.Max(1, turn.Left) * bulk), plan, turn, alone, stop).ConfigureAwait(false);
        }
        finally
        {
            // Also if the claim was lost: what it was for would count as in flight for as long as this host lives.
            turn.Dispose();
            await gate.SettleAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> TryClaimAsync(ClaimRequest request, StagePlan plan, LimitTurn? turn, bool alone, CancellationToken stop)
    {
        // Not cancelled half-way: a lease that was won and not heard of would count as lost.
        if (await store.ClaimAsync(request, CancellationToken.None).ConfigureAwait(false) is not { } claim)
        {
            return false;
        }

        if (!alone && IsSuspect(claim))
        {
            turn?.Dispose();
            await WorkAloneAsync(claim, plan, stop).ConfigureAwait(false);
            return true;
        }

        var bulk = plan.Stage.Manifest.BulkSize ?? 1;
        turn?.Keep((claim.Items.Count + bulk - 1) / bulk);
        await WorkAsync(request, claim, plan, turn, stop).ConfigureAwait(false);
        return true;
    }

    // The next loss may convict the item as poison: nothing else may run in this host that could be the cause.
    private static bool IsSuspect(Claim claim) => claim.Lease.Losses > 0 && claim.Items.Count <= 1;

    private ClaimRequest Request(Candidate candidate, StagePlan plan, int limit) => new()
    {
        Candidate = candidate,
        Owner = owner,
        Lease = options.Lease,
        Limit = limit,
        ByteLimit = options.ClaimBytes,
        Upload = plan.Batch.Upload,
        Sources = plan.Sources,
    };

    /// <summary>Leaves a suspect interval as it was found until this host is quiet, and claims again then: a host that dies while it only waits is no loss of that item's.</summary>
    private async Task WorkAloneAsync(Claim suspect, StagePlan plan, CancellationToken stop)
    {
        await calls.RunAsync(
            async token =>
            {
                await store.SplitAsync(suspect.Lease, [suspect.Lease], token).ConfigureAwait(false);
                return true;
            },
            CancellationToken.None).ConfigureAwait(false);
        await quarantine.BeginAloneAsync().ConfigureAwait(false);
        try
        {
            var range = suspect.Lease.Range;
            foreach (var candidate in (await store.FindCandidatesAsync(range.Batch, [], int.MaxValue, stop).ConfigureAwait(false)).Where(candidate => candidate.Range == range))
            {
                await TryClaimAsync(candidate, plan, alone: true, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            quarantine.EndAlone();
        }
    }

    private async Task WorkAsync(ClaimRequest request, Claim claim, StagePlan plan, LimitTurn? turn, CancellationToken stop)
    {
        using var held = heartbeat.Hold(claim.Lease);
        var portion = new Portion(store, calls, writer, steps, asker, callbacks, plan, held, owner, options, time, logger, turn);
        var items = claim.Items;
        bool released;
        do
        {
            if (await portion.RunAsync(items, stop).ConfigureAwait(false))
            {
                signal.Raise();
            }

            // What came due inside the interval meanwhile, or was left by the byte limit, is ours too; unless a limit says how much is.
            released = held.Lost.IsCancellationRequested
                || await calls.RunAsync(token => store.ReleaseAsync(claim.Lease, turn is not null || stop.IsCancellationRequested, token), CancellationToken.None).ConfigureAwait(false);
            items = released ? [] : await calls.RunAsync(token => store.ReadAgainAsync(request, claim.Lease, token), CancellationToken.None).ConfigureAwait(false);
        }
        while (!released);

        Interlocked.Add(ref outcomes, portion.Outcomes);
    }
}
