using System.Reflection;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>A real store whose first writes of outcomes fail, and which notes the most bytes that one write held.</summary>
public class FailingStore : DispatchProxy
{
    private IEnrichmentStore real = null!;
    private Func<Exception>? fault;
    private int left;

    /// <summary>The most bytes of answers that one write of several outcomes held.</summary>
    public long LargestSet { get; private set; }

    /// <param name="real">The real store. It stays the caller's to dispose.</param>
    public static (IEnrichmentStore Store, FailingStore Script) Over(IEnrichmentStore real)
    {
        var proxy = Create<IEnrichmentStore, FailingStore>();
        ((FailingStore)(object)proxy).real = real;
        return (proxy, (FailingStore)(object)proxy);
    }

    /// <summary>From now on so many writes fail.</summary>
    public void Fail(int times, Func<Exception> with) => (left, fault) = (times, with);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name is nameof(IEnrichmentStore.CommitAsync) or nameof(IEnrichmentStore.SettleAsync))
        {
            var items = args![0] is CommitRequest commit ? commit.Items : ((SettleRequest)args[0]!).Items;
            lock (real)
            {
                LargestSet = Math.Max(LargestSet, items.Count == 1 ? 0 : items.Sum(item => (long)item.Result.Length));
            }

            if (Interlocked.Decrement(ref left) >= 0)
            {
                return Task.FromException<IReadOnlyList<int>>(fault!());
            }
        }

        return targetMethod.Invoke(real, args);
    }
}
