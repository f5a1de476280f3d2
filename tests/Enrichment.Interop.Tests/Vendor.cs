using System.Collections.Concurrent;

namespace Enrichment.Interop.Tests;

/// <summary>What the vendor sees: how often it was called. Tests wait for a number of calls to be in the middle of the work.</summary>
public sealed class Vendor
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource> awaited = new();
    private int calls;

    public void Called()
    {
        if (awaited.TryGetValue(Interlocked.Increment(ref calls), out var reached))
        {
            reached.TrySetResult();
        }
    }

    /// <summary>Ends with the call of this number. To be asked for before the work begins.</summary>
    public Task CallAsync(int number) => awaited.GetOrAdd(number, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
}
