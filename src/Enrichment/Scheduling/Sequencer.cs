using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>Makes the next stage's state of each item whose stage has ended and lets it pass.</summary>
/// <remarks>
/// It does so in the statement that ends a state: the next stage's state and <c>advanced_at</c> are written in the same transaction
/// (<c>commit.sql</c>, <c>settle.sql</c>, <c>resolve.sql</c>), if <see cref="OutcomeRules"/> says that the item
/// <see cref="StateChange.Advances">advances</see>. This class finds the terminal states that were left without <c>advanced_at</c>: entity
/// requests whose host was lost before their waiters were completed, and states that were written in another way. Any number of hosts may
/// run it at once: the statement that sets <c>advanced_at</c> decides (<c>advance.sql</c>).
/// </remarks>
internal sealed class Sequencer(ISequencerStore store, OutcomeWriter writer, BatchPlans plans, WorkSignal signal, WorkerRun run)
{
    private const int RangesAtOnce = 1000;

    /// <summary>Advances ended states that were left, and completes the waiters of ended requests.</summary>
    public async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        foreach (var range in await store.FindToAdvanceAsync(RangesAtOnce, cancellationToken).ConfigureAwait(false))
        {
            await AdvanceAsync(range, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AdvanceAsync(RangeKey range, CancellationToken cancellationToken)
    {
        StagePlan? plan = null;
        try
        {
            plan = await plans.FindAsync(range, cancellationToken).ConfigureAwait(false);
            if (plan.Batch.IsRequestBatch)
            {
                await writer.CompleteWaitersAsync(plan, range, null).ConfigureAwait(false);
            }
            else
            {
                await store.AdvanceAsync(range, plan.Last, plan.Stage.Optional, cancellationToken).ConfigureAwait(false);
            }

            signal.Raise();
        }
#pragma warning disable CA1031 // What is damaged in one range must not keep others from going on.
        catch (Exception exception) when (exception is not OperationCanceledException && !StoreRetry.IsOutOfReach(exception))
#pragma warning restore CA1031
        {
            Log.AdvancingFailed(run.Logger, plan?.Batch.Id, range.Batch, range.Stage, range.Bucket, exception);
        }
    }
}
