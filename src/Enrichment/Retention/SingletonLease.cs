using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>The lease of a turn at a duty, prolonged as the work goes on: asked often, written a third of the way to its end.</summary>
internal sealed class SingletonLease(IEnrichmentStore store, string owner, TimeSpan duration, TimeProvider time, CancellationToken cancellationToken)
{
    private long takenAt = time.GetTimestamp();

    /// <summary>Whether the duty is still this host's.</summary>
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
