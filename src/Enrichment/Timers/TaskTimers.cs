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

    private long written;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref written);

    /// <summary>Acts on the tasks that have reached their date.</summary>
    /// <returns>False if there were none.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken stop)
    {
        var found = false;
        foreach (var range in await store.FindDueTasksAsync(TasksAtOnce, stop).ConfigureAwait(false))
        {
            var plan = await plans.FindAsync(range, stop).ConfigureAwait(false);

            // A call that may not be repeated is left to its deadline: its worker may be slow, and its answer is paid for.
            var holdFetched = plan.Stage.Manifest.Effects == Effects.Review ? plan.Sending.Deadline : run.Options.Lease;
            var due = await store
                .TakeDueTasksAsync(range, run.Options.ClaimSize, run.Options.Lease, holdFetched, stop)
                .ConfigureAwait(false);
            found |= due.Count > 0;
            await SettleAsync(plan, range, [.. due.Select(task => Decide(plan, task)).OfType<StateChange>()]).ConfigureAwait(false);
        }

        return found;
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
