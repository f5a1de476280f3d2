using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>What a gate asks of a store: gives the blocks that a test lays out, and notes what it is told.</summary>
internal sealed class LimitStore : UnaskedRateLimits
{
    /// <summary>What is given next; nothing: everything is given away for a second.</summary>
    public Queue<LeasedPermits> Blocks { get; } = [];

    public List<BlockEnd> Ends { get; } = [];

    public List<TimeSpan> Pauses { get; } = [];

    public override Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(Blocks.TryDequeue(out var block) ? block : new(0, 0, default, TimeSpan.FromSeconds(1)));

    public override Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken)
    {
        Ends.Add(end);
        return Task.CompletedTask;
    }

    public override Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken)
    {
        Pauses.Add(pause);
        return Task.CompletedTask;
    }
}
