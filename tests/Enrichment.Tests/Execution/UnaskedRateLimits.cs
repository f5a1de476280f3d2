using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Rate limits of which a test overrides what it is about; all else is refused.</summary>
internal class UnaskedRateLimits : IRateLimitStore
{
    public virtual Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual void RenewBlocks(string owner, IReadOnlyList<HeldBlock> blocks, TimeSpan duration) => throw new NotSupportedException();

    public virtual Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task SlowDownAsync(
        LimitKey limit,
        TimeSpan? asked,
        TimeSpan first,
        TimeSpan longest,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<bool> CountFailuresAsync(
        LimitKey limit,
        int failures,
        bool answered,
        int breakAfter,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<IReadOnlyList<StageLimit>> ReadLimitsAsync(int batch, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
