using Enrichment.Execution;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>
/// What each claim loop of a host does again and again: it has the dispatcher choose, claims that and works on it, or rests.
/// </summary>
internal sealed class ClaimLoop(Dispatcher dispatcher, ClaimWorker worker, CallPermits permits, MissingSteps missing)
{
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(20);

    private readonly WorkerRun run = worker.Run;

    /// <summary>Claims the dispatcher's choice, and works on it until it is done or only answers are missing.</summary>
    /// <param name="idle">Raised if nothing is due.</param>
    /// <param name="stop">Fires when no more work may begin.</param>
    /// <returns>False if there was nothing to claim and nothing is being worked on.</returns>
    public async Task<bool> WorkOnceAsync(WorkSignal idle, CancellationToken stop)
    {
        var hint = worker.Signal.Next;
        if (await worker.AmongOthersAsync(() => AcquireAsync(idle, stop), stop).ConfigureAwait(false))
        {
            return true;
        }

        if (!worker.HasDetachedWork)
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
        if (await ClaimAsync((await dispatcher.LookAsync(long.MinValue, stop).ConfigureAwait(false)).Batches, stop).ConfigureAwait(false))
        {
            return true;
        }

        // Only a read from now on shows that nothing is due. Items behind a resting limit may be due, even if the rest has ended by now.
        var due = await dispatcher.LookAsync(begun, stop).ConfigureAwait(false);
        var hidden = due.Except.Except(missing.Stages).Except(dispatcher.Full).Any();
        if (due.Batches.Count == 0 && !hidden)
        {
            idle.Raise();
        }

        if (await ClaimAsync(due.Batches, stop).ConfigureAwait(false))
        {
            return true;
        }

        if (permits.Refusals != refusals)
        {
            await run.Time.WaitAsync(Task.WhenAny(hint, returned), CallSlots.Patience, stop).ConfigureAwait(false);
            return true;
        }

        // Limits rest for moments only: there is work, as soon as they are over. Nor may calls that are in hand lapse because another host
        // was faster at one range.
        var resting = permits.Resting().Shortest;
        var rest = due.Batches.Count > 0 && permits.HasSpare || hidden && resting == TimeSpan.Zero ? ShortestRest : resting;
        if (rest > TimeSpan.Zero && rest <= CallPermits.LongestRest)
        {
            await run.Time.WaitAsync(hint, rest, stop).ConfigureAwait(false);
            return true;
        }

        return false;
    }

    /// <summary>Whether anything was claimed.</summary>
    private async Task<bool> ClaimAsync(IReadOnlyList<DueBatch> due, CancellationToken stop)
    {
        var won = false;
        await foreach (var choice in dispatcher.ChooseAsync(due, stop).ConfigureAwait(false))
        {
            choice.Result = await ClaimAsync(choice, alone: false, stop).ConfigureAwait(false);
            won |= choice.Result.Won;
        }

        return won;
    }

    private async Task<ClaimResult> ClaimAsync(Choice choice, bool alone, CancellationToken stop)
    {
        var result = await worker.ClaimAsync(choice, alone, stop).ConfigureAwait(false);
        if (result.Suspect is { } suspect)
        {
            await ClaimAloneAsync(suspect.Range, choice.Plan, stop).ConfigureAwait(false);
        }

        if (result.NeedsStep)
        {
            missing.AddUnable(choice.Plan);
        }

        return result;
    }

    private Task ClaimAloneAsync(RangeKey range, StagePlan plan, CancellationToken stop) => worker.AloneAsync(async () =>
    {
        await foreach (var choice in dispatcher.ChooseAloneAsync(range, plan, stop).ConfigureAwait(false))
        {
            await ClaimAsync(choice, alone: true, stop).ConfigureAwait(false);
        }
    });
}
