using System.Collections.Concurrent;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Timers;

/// <summary>
/// Acts on external tasks at their dates: withdraws those that no worker fetched in time, and closes the attempts of workers that were
/// lost.
/// </summary>
internal sealed class TaskTimers(IExternalTaskStore store, BatchPlans plans, OutcomeWriter writer, WorkSignal signal, WorkerRun run)
{
    private const int TasksAtOnce = 1000;

    // Since when ranges are left alone that could not be acted on here, for the duration of a lease.
    private readonly ConcurrentDictionary<RangeKey, long> resting = new();

    private long written;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref written);

    /// <summary>Acts on the tasks that have reached their date.</summary>
    /// <returns>False if there were none.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken stop)
    {
        foreach (var (range, since) in resting.Where(range => run.Time.GetElapsedTime(range.Value) > run.Options.Lease))
        {
            resting.TryRemove(new(range, since));
        }

        var found = false;
        foreach (var range in await store.FindDueTasksAsync(TasksAtOnce, stop).ConfigureAwait(false))
        {
            found |= !resting.ContainsKey(range) && await TryActAsync(range, stop).ConfigureAwait(false);
        }

        return found;
    }

    /// <summary>Acts on the tasks of one range, whose trouble is no other's.</summary>
    private async Task<bool> TryActAsync(RangeKey range, CancellationToken stop)
    {
        StagePlan? plan = null;
        try
        {
            plan = await plans.FindAsync(range, stop).ConfigureAwait(false);

            // A call that may not be repeated is left to its deadline: its worker may be slow, and its answer is paid for.
            var holdFetched = plan.Stage.Manifest.Effects == Effects.Review ? plan.Sending.Deadline : run.Options.Lease;
            var due = await store
                .TakeDueTasksAsync(range, run.Options.ClaimSize, run.Options.Lease, holdFetched, stop)
                .ConfigureAwait(false);
            await SettleAsync(plan, range, [.. due.Select(task => Decide(plan, task)).OfType<StateChange>()]).ConfigureAwait(false);
            return due.Count > 0;
        }
#pragma warning disable CA1031 // Whatever the trouble of one range is, the others go on. A store that is away is no range's.
        catch (Exception exception) when (exception is not OperationCanceledException && !StoreRetry.IsOutOfReach(exception))
#pragma warning restore CA1031
        {
            resting[range] = run.Time.GetTimestamp();
            if (plan is null)
            {
                Log.TimersFailed(run.Logger, run.Options.Lease, exception);
            }
            else
            {
                var (batch, step, reason) = (plan.Batch.Id, plan.Stage.Manifest.Slug, exception.GetType().ToString());
                Log.SentWorkFailed(run.Logger, batch, plan.Number, step, reason, exception);
            }

            return false;
        }
    }

    private static StateChange? Decide(StagePlan plan, DueTask task)
    {
        var item = new SentItem(task.Item, task.Generation, task.Attempt, task.Tries, task.KeyGeneration);
        return task.Fetched
            ? plan.OutcomeRules.WorkerLost(item, task.Worker ?? "", task.Alone, Random.Shared.NextDouble())
            : OutcomeRules.Withdrawn(item, "No worker fetched the task in its time.");
    }

    private async Task SettleAsync(StagePlan plan, RangeKey range, StateChange[] outcomes)
    {
        if (outcomes.Length == 0)
        {
            return;
        }

        var settled = await writer
            .SettleAsync(plan, new SettleRequest(range, outcomes, []) { IsRequestBatch = plan.Batch.IsRequestBatch })
            .ConfigureAwait(false);
        Interlocked.Add(ref written, settled.Items.Count);
        Log.TimersDue(run.Logger, outcomes.Length, plan.Batch.Id, range.Stage, settled.Items.Count);
        signal.Raise();
    }
}
