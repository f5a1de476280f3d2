using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>A real store whose first writes of outcomes fail, and which notes the most bytes that one write held.</summary>
internal sealed class FailingStore(IEnrichmentStore real) : StoreDouble(real)
{
    private readonly Lock noting = new();
    private Func<Exception>? fault;
    private int left;

    /// <summary>The most bytes of answers that one write of several outcomes held.</summary>
    public long LargestSet { get; private set; }

    /// <summary>From now on so many writes fail.</summary>
    public void Fail(int times, Func<Exception> with) => (left, fault) = (times, with);

    public override Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken) =>
        Failure(request.Items) ?? base.CommitAsync(request, cancellationToken);

    public override Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken) =>
        Failure(request.Items) ?? base.SettleAsync(request, cancellationToken);

    private Task<IReadOnlyList<int>>? Failure(IReadOnlyList<StateChange> items)
    {
        lock (noting)
        {
            LargestSet = Math.Max(LargestSet, items.Count == 1 ? 0 : items.Sum(item => (long)item.Result.Length));
        }

        return Interlocked.Decrement(ref left) >= 0 ? Task.FromException<IReadOnlyList<int>>(fault!()) : null;
    }
}
