namespace Enrichment.Execution;

/// <summary>A lease that the heartbeat keeps alive.</summary>
internal sealed class HeldLease(Lease lease, Action letGo, CancellationToken lost) : IDisposable
{
    public Lease Lease { get; } = lease;

    /// <summary>Fires when another host has taken the lease over.</summary>
    public CancellationToken Lost { get; } = lost;

    public void Dispose() => letGo();
}
