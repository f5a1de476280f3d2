using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Leases of which a test overrides what it is about; all else is refused.</summary>
internal class UnaskedLeases : ILeaseStore
{
    public virtual Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(
        ClaimRequest request,
        Lease lease,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration) =>
        throw new NotSupportedException();

    public virtual Task<IReadOnlyList<Lease>> TakeLostAsync(
        string owner,
        TimeSpan duration,
        bool all,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<IReadOnlyList<LostItem>> ReadLostAsync(Lease lease, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<int> RepairRangesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
}
