using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Takes outcomes, unless its script throws; and notes each try.</summary>
/// <param name="script">Sees each try before it is taken.</param>
internal sealed class OutcomeStore(Action<IReadOnlyList<StateChange>>? script = null) : UnaskedLeases, IOutcomeStore
{
    /// <summary>The items of each try, in their order.</summary>
    public List<int[]> Tries { get; } = [];

    /// <summary>What was taken, by item.</summary>
    public Dictionary<int, StateChange> Taken { get; } = [];

    public Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken) =>
        TakeAsync(request.Items);

    public Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken) =>
        TakeAsync(request.Items);

    public override IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration) => [];

    public Task<IReadOnlyList<MovedItems>> CompleteWaitersAsync(
        RangeKey requests,
        IReadOnlyList<int>? items,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<int>> BeginAttemptsAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<int>> BeginSendingAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        Sending sending,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    private Task<IReadOnlyList<int>> TakeAsync(IReadOnlyList<StateChange> items)
    {
        Tries.Add([.. items.Select(item => item.Item)]);
        script?.Invoke(items);
        foreach (var item in items)
        {
            Taken.Add(item.Item, item);
        }

        return Task.FromResult<IReadOnlyList<int>>([.. items.Select(item => item.Item)]);
    }
}
