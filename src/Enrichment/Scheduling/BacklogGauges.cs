using Enrichment.Retention;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>
/// Reads the backlog for the gauges while anything listens to them. The holder of a singleton lease alone does, because several hosts would
/// count the same items several times.
/// </summary>
internal sealed class BacklogGauges
{
    // Of the time of one connection, the gauges take at most a twentieth, however many ranges are open.
    private const int RestPerRead = 19;

    private readonly IDueWorkStore store;
    private readonly SingletonLease lease;
    private readonly WorkerRun run;
    private TimeSpan took;

    public BacklogGauges(IDueWorkStore store, ISingletonLeaseStore leases, WorkerRun run)
    {
        this.store = store;
        this.run = run;
        lease = new(leases, "backlog", run.Owner, run.Options.Lease, run.Time);
    }

    /// <summary>How long it rests after a turn.</summary>
    public TimeSpan Wait => took * RestPerRead is var rest && rest > run.Options.SweepInterval ? rest : run.Options.SweepInterval;

    /// <summary>Reads the backlog if this host is the one that reports it.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!run.Telemetry.WantsBacklog || !await lease.HoldAsync(cancellationToken).ConfigureAwait(false))
        {
            run.Telemetry.Report(null);
            return;
        }

        var since = run.Time.GetTimestamp();
        var backlog = await store.ReadBacklogAsync(cancellationToken).ConfigureAwait(false);
        took = run.Time.GetElapsedTime(since);

        // Longer than to the next read, and so short that two hosts do not report for long if this one loses the lease.
        run.Telemetry.Report(backlog, Wait + run.Options.Lease);
    }

    /// <summary>Leaves the gauges to another host.</summary>
    public Task EndAsync(CancellationToken cancellationToken)
    {
        run.Telemetry.Report(null);
        return lease.EndAsync(TimeSpan.Zero, cancellationToken);
    }
}
