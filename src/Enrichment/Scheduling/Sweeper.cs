using Enrichment.Execution;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>
/// Finds unfinished work of lost hosts, and ends batches: lost leases, half-cancelled batches, waiters without a request, ended batches,
/// ranges that missed an arrival.
/// </summary>
/// <remarks>Each of these has a loop of its own, so that lost leases and ended batches never wait long.</remarks>
internal sealed class Sweeper(
    ILeaseStore leases,
    IBatchStore batches,
    IEntityRequestStore requests,
    OutcomeWriter writer,
    BatchPlans plans,
    WorkSignal signal,
    WorkerRun run)
{
    /// <summary>
    /// How long repair and tending rest: they read every open state, and only a lost race or a lost host gives them work.
    /// </summary>
    public static readonly TimeSpan RepairInterval = TimeSpan.FromSeconds(30);

    private long? reachableSince;

    /// <summary>Raised when batches have ended, which their tables do not show yet.</summary>
    public WorkSignal BatchesEnded { get; } = new();

    /// <summary>How many batches it has ended.</summary>
    public int Ended { get; private set; }

    /// <summary>All of it, one after the other, and what the sequencer finds.</summary>
    public async Task SweepAsync(Sequencer sequencer, CancellationToken cancellationToken)
    {
        await TakeLostAsync(all: false, cancellationToken).ConfigureAwait(false);
        await CancelAsync(cancellationToken).ConfigureAwait(false);
        await sequencer.AdvanceAsync(cancellationToken).ConfigureAwait(false);
        await RepairAsync(cancellationToken).ConfigureAwait(false);
        await ReconcileAsync(cancellationToken).ConfigureAwait(false);
        await EndBatchesAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes lost leases over.</summary>
    /// <param name="all">True if every lease is known to be lost.</param>
    /// <param name="cancellationToken">Ends it between two leases.</param>
    public async Task TakeLostAsync(bool all, CancellationToken cancellationToken)
    {
        if (await leases.EndStalledAsync(run.Options.Lease, cancellationToken).ConfigureAwait(false) is > 0 and var stalled)
        {
            Log.StalledEnded(run.Logger, stalled, run.Options.Lease);
        }

        if (!all && WasOutOfReach())
        {
            return;
        }

        foreach (var lease in await leases.TakeLostAsync(run.Owner, run.Options.Lease, all, cancellationToken).ConfigureAwait(false))
        {
            await TakeLostAsync(lease, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Cancels the remaining states of cancelled batches.</summary>
    public async Task CancelAsync(CancellationToken cancellationToken)
    {
        foreach (var (batch, bucket) in await batches.FindUncancelledAsync(cancellationToken).ConfigureAwait(false))
        {
            var cancelled = await batches.CancelBucketAsync(batch, bucket, cancellationToken).ConfigureAwait(false);
            await run.Telemetry.MovedAsync(plans, cancelled).ConfigureAwait(false);
        }
    }

    /// <summary>Repairs ranges that say nothing is due where something is.</summary>
    public Task RepairAsync(CancellationToken cancellationToken) => leases.RepairRangesAsync(cancellationToken);

    /// <summary>Frees items that wait for ended or deleted requests. Returns whether there was any.</summary>
    public async Task<bool> ReconcileAsync(CancellationToken cancellationToken)
    {
        var moved = await requests.ReconcileRequestsAsync(cancellationToken).ConfigureAwait(false);
        await run.Telemetry.MovedAsync(plans, moved).ConfigureAwait(false);
        if (moved.Count > 0)
        {
            signal.Raise();
        }

        return moved.Count > 0;
    }

    /// <summary>Ends batches whose items have all ended.</summary>
    public async Task EndBatchesAsync(CancellationToken cancellationToken)
    {
        // Not cancelled half-way: a batch that ended and was not heard of would be in no report.
        cancellationToken.ThrowIfCancellationRequested();
        foreach (var batch in await batches.CompleteBatchesAsync(CancellationToken.None).ConfigureAwait(false))
        {
            Ended++;
            Log.BatchEnded(run.Logger, batch.Id, batch.Status.Word());
            BatchesEnded.Raise();
        }
    }

    /// <summary>
    /// Tells that the store did not answer: leases may have lapsed although their holders live, so they get the time to renew them.
    /// </summary>
    public void StoreFailed() => reachableSince = run.Time.GetTimestamp();

    private bool WasOutOfReach() => reachableSince is { } since && run.Time.GetElapsedTime(since) < run.Options.Lease;

    private async Task TakeLostAsync(Lease lease, CancellationToken cancellationToken)
    {
        var items = await leases.ReadLostAsync(lease, cancellationToken).ConfigureAwait(false);
        var plan = await plans.FindAsync(lease.Range, cancellationToken).ConfigureAwait(false);
        Log.LostLeaseTaken(run.Logger, plan.Batch.Id, lease.Range.Stage, lease.Lo, lease.Hi, items.Count, lease.Losses);
        run.Telemetry.LeaseLost(plan);
        var (outcomes, intervals) = LostWork.Decide(lease, items, plan.OutcomeRules);
        var (written, _) = await writer
            .CommitAsync(
                plan,
                new(lease, run.Owner, AttemptsAreOpen: true, outcomes) { IsRequestBatch = plan.Batch.IsRequestBatch },
                renewal: null)
            .ConfigureAwait(false);
        if (written.Count < outcomes.Count)
        {
            // The sweep was too slow for its own lease, and the numbers of the attempts that it closed are not used up. Split now, the
            // items would be claimed with those numbers and could never begin; left, the lease is taken again.
            return;
        }

        await leases.SplitAsync(lease, intervals, cancellationToken).ConfigureAwait(false);
        signal.Raise();
    }
}
