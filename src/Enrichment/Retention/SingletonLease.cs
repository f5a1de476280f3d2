using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>The lease of a singleton task, prolonged while the work goes on. Checked often, written after a third of its time.</summary>
internal sealed class SingletonLease(
    ISingletonLeaseStore store,
    string owner,
    TimeSpan duration,
    TimeProvider time,
    CancellationToken cancellationToken)
{
    private long takenAt = time.GetTimestamp();

    /// <summary>Whether this host still holds the lease.</summary>
    public async Task<bool> HoldAsync()
    {
        if (time.GetElapsedTime(takenAt) < duration / 3)
        {
            return true;
        }

        takenAt = time.GetTimestamp();
        return await store.TakeSingletonLeaseAsync(RetentionTask.Name, owner, duration, cancellationToken).ConfigureAwait(false);
    }
}
