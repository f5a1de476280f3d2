namespace Enrichment.Storage;

/// <summary>Leases: claiming, renewing and giving back, and what lost hosts held.</summary>
internal interface ILeaseStore
{
    /// <summary>
    /// Takes a lease on the first free due interval of a range, or on one that lost its host, and reads its due items. Null if another host
    /// was faster or nothing is due.
    /// </summary>
    Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken);

    /// <summary>Reads the items of a lease that are due now: those left by the byte limit and those that arrived meanwhile.</summary>
    Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(ClaimRequest request, Lease lease, CancellationToken cancellationToken);

    /// <summary>Gives a lease back. Returns false, and keeps it, if items inside have come due.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="evenIfDue">True when the host drains: due items are left to others. No loss is counted.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken);

    /// <summary>
    /// Renews leases that no other host has taken, even if their date has passed; returns them. Synchronous: it runs on a thread of its
    /// own, which a starved pool cannot delay.
    /// </summary>
    IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration);

    /// <summary>Takes over leases whose date has passed.</summary>
    /// <param name="owner">The new holder.</param>
    /// <param name="duration">How long it holds them.</param>
    /// <param name="all">True if the caller knows that no other worker lives: takes all, of any date.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Lease>> TakeLostAsync(string owner, TimeSpan duration, bool all, CancellationToken cancellationToken);

    /// <summary>The open items of a lease that was taken over, ascending.</summary>
    Task<IReadOnlyList<LostItem>> ReadLostAsync(Lease lease, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces a taken-over lease by intervals without owner, which are the next to be claimed. No interval: the lease is gone.
    /// </summary>
    Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken);

    /// <summary>
    /// Ends transactions of hosts that stopped in the middle of them, so that their locks do not block the new holders of their work.
    /// Returns how many.
    /// </summary>
    /// <param name="longer">How long ago such a transaction must have begun.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<int> EndStalledAsync(TimeSpan longer, CancellationToken cancellationToken) => Task.FromResult(0);

    /// <summary>
    /// Repairs ranges that say nothing is due where something is, and drops lost intervals of which nothing is pending any more. Returns
    /// how many ranges were wrong.
    /// </summary>
    Task<int> RepairRangesAsync(CancellationToken cancellationToken);
}
