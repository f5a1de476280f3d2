using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>Finds what hosts left behind and ends what has ended: lost leases, half-cancelled batches, states to advance, answers to share, ended batches, ranges that missed an arrival.</summary>
internal sealed class Sweeper(IEnrichmentStore store, OutcomeWriter writer, BatchPlans plans, WorkSignal signal, string owner, WorkerOptions options, TimeProvider time, ILogger logger)
{
    private const int RangesAtOnce = 1000;

    // The repair reads every open state, and only a lost race between an arrival and a claim gives it work.
    private static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(30);

    private long? repairedAt;
    private long? reachableSince;

    /// <summary>How many batches it has ended.</summary>
    public int Ended { get; private set; }

    /// <summary>One sweep.</summary>
    /// <param name="allLost">True if every lease is known to be lost.</param>
    /// <param name="cancellationToken">Ends the sweep between two operations.</param>
    public async Task SweepAsync(bool allLost, CancellationToken cancellationToken)
    {
        if (allLost || !WasOutOfReach())
        {
            await TakeLostAsync(allLost, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (batch, bucket) in await store.FindUncancelledAsync(cancellationToken).ConfigureAwait(false))
        {
            await store.CancelBucketAsync(batch, bucket, cancellationToken).ConfigureAwait(false);
        }

        foreach (var range in await store.FindToAdvanceAsync(RangesAtOnce, cancellationToken).ConfigureAwait(false))
        {
            await AdvanceAsync(range, cancellationToken).ConfigureAwait(false);
        }

        if (repairedAt is not { } at || time.GetElapsedTime(at) > RepairInterval)
        {
            repairedAt = time.GetTimestamp();
            await store.RepairRangesAsync(cancellationToken).ConfigureAwait(false);
            if (await store.TendAsksAsync(cancellationToken).ConfigureAwait(false) > 0)
            {
                signal.Raise();
            }
        }

        // Not cancelled half-way: a batch that ended and was not heard of would be in no report.
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var batch in await store.CompleteBatchesAsync(CancellationToken.None).ConfigureAwait(false))
        {
            Ended++;
            Log.BatchEnded(logger, batch.Id, batch.Status.ToString());
        }
    }

    /// <summary>Tells that the store did not answer: leases may have lapsed although their holders live, so they get the time to renew them.</summary>
    public void StoreFailed() => reachableSince = time.GetTimestamp();

    private bool WasOutOfReach() => reachableSince is { } since && time.GetElapsedTime(since) < options.Lease;

    private async Task AdvanceAsync(RangeKey range, CancellationToken cancellationToken)
    {
        try
        {
            var plan = await plans.FindAsync(range, cancellationToken).ConfigureAwait(false);
            _ = plan.Batch.Asks
                ? await writer.ShareAsync(range, null).ConfigureAwait(false)
                : await store.AdvanceAsync(range, plan.Last, plan.Stage.Optional, cancellationToken).ConfigureAwait(false);
            signal.Raise();
        }
#pragma warning disable CA1031 // What is damaged in one range must not keep others from going on.
        catch (Exception exception) when (exception is not OperationCanceledException && !StoreCalls.IsOutOfReach(exception))
#pragma warning restore CA1031
        {
            Log.AdvancingFailed(logger, range.Batch, range.Stage, range.Bucket, exception);
        }
    }

    private async Task TakeLostAsync(bool all, CancellationToken cancellationToken)
    {
        foreach (var lease in await store.TakeLostAsync(owner, options.Lease, all, cancellationToken).ConfigureAwait(false))
        {
            var items = await store.ReadLostAsync(lease, cancellationToken).ConfigureAwait(false);
            Log.LostLeaseTaken(logger, lease.Range.Batch, lease.Range.Stage, lease.Lo, lease.Hi, items.Count, lease.Losses);
            var plan = await plans.FindAsync(lease.Range, cancellationToken).ConfigureAwait(false);
            var (outcomes, intervals) = LostWork.Decide(lease, items, plan.Verdict);
            var (written, _) = await writer.CommitAsync(plan, new(lease, owner, AttemptsAreOpen: true, outcomes) { Asks = plan.Batch.Asks }, renewal: null).ConfigureAwait(false);
            if (written.Count < outcomes.Count)
            {
                // The sweep was too slow for its own lease, and the numbers of the attempts that it closed are not used up. Split now, the items would be
                // claimed with those numbers and could never begin; left, the lease is taken again.
                continue;
            }

            await store.SplitAsync(lease, intervals, cancellationToken).ConfigureAwait(false);
            signal.Raise();
        }
    }
}
