using System.Reflection;
using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

public sealed class BatchPlansTests
{
    [Fact]
    public async Task A_storm_of_deliveries_to_one_batch_reads_it_once()
    {
        var store = DispatchProxy.Create<IEnrichmentStore, SlowStore>();
        var slow = (SlowStore)(object)store;
        var plans = new BatchPlans(store, new JsonGate(1024));
        using var left = new CancellationTokenSource();

        var first = plans.FindOrNullAsync(new(0, 7, 1), left.Token).AsTask();
        var others = Enumerable.Range(0, 50).Select(_ => plans.FindOrNullAsync(new(0, 7, 1), default).AsTask()).ToList();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, slow.Reads);
        slow.Found.SetResult(null);

        Assert.All(await Task.WhenAll(others), Assert.Null);
        Assert.Null(await plans.FindOrNullAsync(new(0, 7, 1), default));
        Assert.Equal(2, slow.Reads); // What was not there may be there now.
    }

    public class SlowStore : DispatchProxy
    {
        private int reads;

        public int Reads => reads;

        public TaskCompletionSource<Batch?> Found { get; } = new();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IEnrichmentStore.FindBatchAsync), targetMethod!.Name);
            Interlocked.Increment(ref reads);
            return Found.Task;
        }
    }
}
