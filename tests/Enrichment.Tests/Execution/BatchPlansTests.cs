using Enrichment.Json;
using Enrichment.Plans;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public sealed class BatchPlansTests
{
    [Fact]
    public async Task A_storm_of_deliveries_to_one_batch_reads_it_once()
    {
        var store = new SlowStore();
        var time = new FakeTimeProvider();
        using var plans = new BatchPlans(store, new UnaskedUploads(), new JsonGate(1024), time);
        using var left = new CancellationTokenSource();

        var first = plans.NamedAsync(7, left.Token).AsTask();
        var others = Enumerable.Range(0, 500).Select(_ => plans.NamedAsync(7, default).AsTask()).ToList();
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(1, store.Reads);
        store.Found.SetResult(null);

        Assert.All(await Task.WhenAll(others), stages => Assert.Empty(stages!));
        Assert.Empty((await plans.NamedAsync(7, default))!);
        Assert.Equal(1, store.Reads); // A token outlives its batch: that it was pruned is remembered for a minute.
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty((await plans.NamedAsync(7, default))!);
        Assert.Equal(2, store.Reads);
    }

    [Fact]
    public async Task A_flood_of_names_of_other_batches_takes_four_reads_at_once_and_does_not_hold_up_the_work()
    {
        var store = new SlowStore();
        var time = new FakeTimeProvider();
        using var plans = new BatchPlans(store, new UnaskedUploads(), new JsonGate(1024), time);

        var named = Enumerable.Range(1, 1000).Select(batch => plans.NamedAsync(batch, default).AsTask()).ToList();
        Assert.Equal(4, store.Reads);
        Assert.Equal(1000 - 64, named.Count(asked => asked.IsCompletedSuccessfully && asked.Result is null));

        var work = plans.FindAsync(new(0, 5000, 1), default).AsTask();
        Assert.Equal(5, store.Reads);
        store.Found.SetResult(null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => work);
        Assert.Equal(64, (await Task.WhenAll(named)).Count(stages => stages is []));
    }

    private sealed class SlowStore : UnaskedBatches
    {
        private int reads;

        public int Reads => reads;

        public TaskCompletionSource<Batch?> Found { get; } = new();

        public override Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref reads);
            return Found.Task;
        }
    }
}
