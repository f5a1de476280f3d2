using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Chooses what is claimed next: which batch, which of its ranges, and how many items. Each claim loop of a host runs it again and again.</summary>
internal sealed class Dispatcher(IDueWorkStore store, BatchPlans plans, MissingSteps missing, DueBatchCache look, FairScheduler share, CallPermits permits, ClaimWorker worker)
{
    // More than a host has claim loops, so that a lost race leads to the next range and not to the next query.
    private const int CandidatesAtOnce = 32;

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(20);

    private readonly WorkerRun run = worker.Run;

    /// <summary>Claims work of the batch that the scheduler chooses, and works on it until it is done or nothing but answers is missing.</summary>
    /// <param name="idle">Raised if nothing is due.</param>
    /// <param name="stop">Asks to begin nothing more.</param>
    /// <returns>False if there was nothing to claim and nothing is being worked on.</returns>
    public async Task<bool> WorkOnceAsync(WorkSignal idle, CancellationToken stop)
    {
        var hint = worker.Signal.Next;
        if (await worker.AmongOthersAsync(() => AcquireAsync(idle, stop), stop).ConfigureAwait(false))
        {
            return true;
        }

        if (!worker.HasLeftWork)
        {
            return false;
        }

        // What answers bring may make the next of its work due: this host is not idle.
        await run.Time.WaitAsync(hint, run.Options.PollInterval, stop).ConfigureAwait(false);
        return true;
    }

    private async Task<bool> AcquireAsync(WorkSignal idle, CancellationToken stop)
    {
        var (begun, hint, returned, refusals) = (run.Time.GetTimestamp(), worker.Signal.Next, permits.Returned, permits.Refusals);
        if (await AcquireAsync((await look.ReadAsync(long.MinValue, Unsent, stop).ConfigureAwait(false)).Batches, stop).ConfigureAwait(false))
        {
            return true;
        }

        // Only what is seen from now on tells that there is nothing; and what a limit's rest hid may be due, also if the rest is over by now.
        var due = await look.ReadAsync(begun, Unsent, stop).ConfigureAwait(false);
        var hidden = due.Except.Except(missing.Stages).Any();
        if (due.Batches.Count == 0 && !hidden)
        {
            idle.Raise();
        }

        if (await AcquireAsync(due.Batches, stop).ConfigureAwait(false))
        {
            return true;
        }

        if (permits.Refusals != refusals)
        {
            await run.Time.WaitAsync(Task.WhenAny(hint, returned), CallSlots.Patience, stop).ConfigureAwait(false);
            return true;
        }

        // Limits rest for moments only: there is work, as soon as they are over. Nor may calls that are in hand lapse because another host was faster at one range.
        var resting = permits.Resting().Shortest;
        var rest = due.Batches.Count > 0 && permits.HasSpare || hidden && resting == TimeSpan.Zero ? ShortestRest : resting;
        if (rest > TimeSpan.Zero && rest <= CallPermits.LongestRest)
        {
            await run.Time.WaitAsync(hint, rest, stop).ConfigureAwait(false);
            return true;
        }

        return false;
    }

    /// <summary>Stages of which this host can send nothing now.</summary>
    private IReadOnlyCollection<(int Batch, short Stage)> Unsent() => permits.Resting().Stages is { Count: > 0 } resting ? [.. missing.Stages, .. resting] : missing.Stages;

    private async Task<bool> AcquireAsync(IReadOnlyList<DueBatch> due, CancellationToken stop)
    {
        var tried = new HashSet<int>();
        while (share.Next(due, tried) is { } slot)
        {
            using (slot)
            {
                if (await ClaimAsync(slot.Batch, stop).ConfigureAwait(false))
                {
                    return true;
                }
            }

            tried.Add(slot.Batch);
        }

        return false;
    }

    private async Task<bool> ClaimAsync(int batch, CancellationToken stop)
    {
        short[] except = [.. Unsent().Where(stage => stage.Batch == batch).Select(stage => stage.Stage)];
        Candidate[] candidates = [.. await store.FindCandidatesAsync(batch, except, CandidatesAtOnce, stop).ConfigureAwait(false)];

        // Loops and hosts that look at once are told of the same ranges: in the same order, all but one would wait for a row and go away empty-handed.
        Random.Shared.Shuffle(candidates);
        var most = run.Options.ClaimSize;
        foreach (var candidate in candidates)
        {
            var plan = await plans.FindAsync(candidate.Range, stop).ConfigureAwait(false);
            if (!missing.IsHere(plan) && !plan.Stage.OnlyRequests)
            {
                missing.Add(plan);
                continue;
            }

            // A slot is for one interval; where ranges hold little, and the calls only wait, it is as many of them as make one.
            var claimed = await ClaimAsync(candidate, plan, most, alone: false, stop).ConfigureAwait(false);
            most -= claimed.Items;
            if (claimed.Won && (!claimed.Left || most <= 0 || stop.IsCancellationRequested))
            {
                return true;
            }
        }

        return most < run.Options.ClaimSize;
    }

    /// <summary>Claims no more than may be called now; of a stage with an entity as much as can be requested, because few of its items or none call for themselves.</summary>
    private async Task<ClaimResult> ClaimAsync(Candidate candidate, StagePlan plan, int most, bool alone, CancellationToken stop)
    {
        await using var allowance = plan.Stage.Entity is null ? await permits.TryTakeAsync(plan, most, stop).ConfigureAwait(false) : null;
        if (plan.Stage.Entity is null && allowance is null)
        {
            return new(Won: false);
        }

        var limit = allowance is null ? most : (int)Math.Min(most, (long)allowance.Calls * (plan.Stage.Manifest.BulkSize ?? 1));
        var result = await worker.ClaimAsync(candidate, plan, limit, allowance, alone, stop).ConfigureAwait(false);
        if (result.Suspect is { } suspect)
        {
            await ClaimAloneAsync(suspect.Range, plan, stop).ConfigureAwait(false);
        }

        if (result.NeedsStep)
        {
            missing.AddUnable(plan);
        }

        return result;
    }

    private async Task ClaimAloneAsync(RangeKey range, StagePlan plan, CancellationToken stop)
    {
        await worker.AloneAsync(async () =>
        {
            foreach (var candidate in (await store.FindCandidatesAsync(range.Batch, [], int.MaxValue, stop).ConfigureAwait(false)).Where(candidate => candidate.Range == range))
            {
                await ClaimAsync(candidate, plan, run.Options.ClaimSize, alone: true, stop).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }
}
