using System.Collections.Concurrent;
using Enrichment.Callbacks;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>Claims due work and runs it: find a range, lease an interval, work through it, give it back. Each lane of a host runs one loop of this.</summary>
internal sealed class Dispatcher(
    IEnrichmentStore store, StoreCalls calls, BatchPlans plans, HostSteps steps, CallbackOptions callbacks, DueLook look, FairShare share, Heartbeat heartbeat, Quarantine quarantine, WorkSignal signal, string owner, WorkerOptions options, TimeProvider time, ILogger logger)
{
    // More than a host has lanes, so that a lost race leads to the next range and not to the next look.
    private const int CandidatesAtOnce = 32;

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
        var asked = time.GetTimestamp();
        if (await TakeTurnAsync(await look.ReadAsync(long.MinValue, Missing, stop).ConfigureAwait(false), stop).ConfigureAwait(false))
        {
            return true;
        }

        // Only what is seen from now on tells that there is nothing.
        var due = await look.ReadAsync(asked, Missing, stop).ConfigureAwait(false);
        if (due.Count == 0)
        {
            idle.Raise();
        }

        return await TakeTurnAsync(due, stop).ConfigureAwait(false);
    }

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
        short[] except = [.. Missing.Where(stage => stage.Batch == batch).Select(stage => stage.Stage)];
        Candidate[] candidates = [.. await store.FindCandidatesAsync(batch, except, CandidatesAtOnce, stop).ConfigureAwait(false)];

        // Lanes and hosts that look at once are told of the same ranges: in the same order, all but one would wait for a row and go away empty-handed.
        Random.Shared.Shuffle(candidates);
        foreach (var candidate in candidates)
        {
            var plan = await plans.FindAsync(candidate.Range, stop).ConfigureAwait(false);
            if (!steps.Has(plan.Stage))
            {
                if (missing.TryAdd((candidate.Range.Batch, candidate.Range.Stage), 0) && !steps.Declares(plan.Stage))
                {
                    Log.StepMissing(logger, plan.Batch.Id, plan.Number, plan.Stage.Manifest.Slug, plan.Stage.Manifest.Version);
                }

                continue;
            }

            // Not cancelled half-way: a lease that was won and not heard of would count as lost.
            var request = Request(candidate, plan);
            if (await store.ClaimAsync(request, CancellationToken.None).ConfigureAwait(false) is { } claim)
            {
                await (IsSuspect(claim) ? WorkAloneAsync(claim, plan, stop) : WorkAsync(request, claim, plan, stop)).ConfigureAwait(false);
                return true;
            }
        }

        return false;
    }

    // The next loss may convict the item as poison: nothing else may run in this host that could be the cause.
    private static bool IsSuspect(Claim claim) => claim.Lease.Losses > 0 && claim.Items.Count <= 1;

    private ClaimRequest Request(Candidate candidate, StagePlan plan) => new()
    {
        Candidate = candidate,
        Owner = owner,
        Lease = options.Lease,
        Limit = options.ClaimSize,
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
                var request = Request(candidate, plan);
                if (await store.ClaimAsync(request, CancellationToken.None).ConfigureAwait(false) is { } claim)
                {
                    await WorkAsync(request, claim, plan, stop).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            quarantine.EndAlone();
        }
    }

    private async Task WorkAsync(ClaimRequest request, Claim claim, StagePlan plan, CancellationToken stop)
    {
        using var held = heartbeat.Hold(claim.Lease);
        var portion = new Portion(store, calls, steps, callbacks, plan, held, owner, options, time, logger);
        var items = claim.Items;
        bool released;
        do
        {
            if (await portion.RunAsync(items, stop).ConfigureAwait(false))
            {
                signal.Raise();
            }

            // What came due inside the interval meanwhile, or was left by the byte limit, is ours too.
            released = held.Lost.IsCancellationRequested
                || await calls.RunAsync(token => store.ReleaseAsync(claim.Lease, stop.IsCancellationRequested, token), CancellationToken.None).ConfigureAwait(false);
            items = released ? [] : await calls.RunAsync(token => store.ReadAgainAsync(request, claim.Lease, token), CancellationToken.None).ConfigureAwait(false);
        }
        while (!released);

        Interlocked.Add(ref outcomes, portion.Outcomes);
    }
}
