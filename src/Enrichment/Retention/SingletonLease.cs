using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>
/// The lease of a singleton task: taken, and prolonged while the work goes on. Checked often, written after a third of its time.
/// </summary>
internal sealed class SingletonLease(ISingletonLeaseStore store, string name, string owner, TimeSpan duration, TimeProvider time)
{
    private long? triedAt;
    private bool held;

    /// <summary>Whether this host holds the lease now. What the store said last holds for a third of the lease.</summary>
    public async Task<bool> HoldAsync(CancellationToken cancellationToken)
    {
        if (triedAt is { } at && time.GetElapsedTime(at) < duration / 3)
        {
            return held;
        }

        triedAt = time.GetTimestamp();
        held = false;
        return held = await store.TakeSingletonLeaseAsync(name, owner, duration, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the lease back, if it is held: the task is due again after a pause.</summary>
    public async Task EndAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        if (held)
        {
            held = false;
            await store.EndSingletonLeaseAsync(name, owner, pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
