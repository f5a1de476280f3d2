using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Retention;

/// <summary>
/// The singleton task of retention: makes months ahead, deletes the rows of marked batches, unfinished uploads and workers that are gone
/// and, where the host has set <see cref="RetentionOptions"/>, prunes old batches.
/// </summary>
internal sealed class RetentionTask(
    ISingletonLeaseStore store,
    Pruner pruner,
    RetentionOptions? retention,
    string owner,
    WorkerOptions options,
    TimeProvider time,
    ILogger logger)
{
    /// <summary>The task's name in the store.</summary>
    public const string Name = "retention";

    private static readonly TimeSpan WithoutRetention = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a host waits before it tries to take the lease again: a try costs a write, so that not every sweep tries.
    /// </summary>
    public TimeSpan Wait => Pause < TimeSpan.FromMinutes(1) ? Pause : TimeSpan.FromMinutes(1);

    private TimeSpan Pause => retention?.Interval ?? WithoutRetention;

    /// <summary>One turn, if it is due and no other host's.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var lease = new SingletonLease(store, Name, owner, options.Lease, time);
        if (!await lease.HoldAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var report = retention is null
            ? await pruner.FinishAsync(() => lease.HoldAsync(cancellationToken), cancellationToken).ConfigureAwait(false)
            : await pruner
                .PruneAsync(
                    new()
                    {
                        OlderThan = retention.Keep,
                        Archive = retention.Archive,
                        By = owner,
                    },
                    wholeMonths: true,
                    () => lease.HoldAsync(cancellationToken),
                    cancellationToken)
                .ConfigureAwait(false);
        if (report.AbandonedUploads > 0)
        {
            Log.UploadsDiscarded(logger, report.AbandonedUploads);
        }

        if (report.Batches.Count > 0 || report.Rows > 0 || report.Months > 0)
        {
            Log.Pruned(logger, report.Batches.Count, report.Rows, report.Months);
        }

        await lease.EndAsync(Pause, cancellationToken).ConfigureAwait(false);
    }
}
