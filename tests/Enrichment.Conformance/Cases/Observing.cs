namespace Enrichment.Conformance.Cases;

/// <summary>Ends of batches, of which observers are told.</summary>
internal static class Observing
{
    public static async Task A_batch_that_has_ended_waits_for_its_observers_once_an_end(Scene scene)
    {
        await scene.Store.BeginObservingAsync(default);
        var batch = await scene.BatchAsync(2);
        Expect.Empty(await scene.Store.FindUnobservedAsync(default));
        await scene.FinishAsync(batch);

        var ended = Expect.Single(await scene.Store.FindUnobservedAsync(default));
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);
        Expect.Empty(await scene.Store.FindUnobservedAsync(default));
        await scene.FinishAsync(batch);
        await scene.Store.MarkObservedAsync(ended, default);

        var again = Expect.Single(await scene.Store.FindUnobservedAsync(default));
        Expect.That(again.Version > ended.Version);
        await scene.Store.MarkObservedAsync(again, default);
        Expect.Empty(await scene.Store.FindUnobservedAsync(default));
    }

    public static async Task Observers_are_told_of_what_ends_after_they_came_first(Scene scene)
    {
        await scene.FinishAsync(await scene.BatchAsync(1));
        Expect.Empty(await scene.Store.FindUnobservedAsync(default), "nobody observes");
        scene.Clock.Advance(Times.Poll);

        await scene.Store.BeginObservingAsync(default);
        Expect.Empty(await scene.Store.FindUnobservedAsync(default), "it ended before");
        var batch = await scene.BatchAsync(1);
        await scene.FinishAsync(batch);
        scene.Clock.Advance(Times.Poll);
        await scene.Store.BeginObservingAsync(default);

        Expect.Equal(batch.Key, Expect.Single(await scene.Store.FindUnobservedAsync(default)).Key, "the second beginning changes nothing");
    }

    public static async Task A_cancelled_batch_is_told_and_a_pruned_one_is_not(Scene scene)
    {
        await scene.Store.BeginObservingAsync(default);
        var batch = await scene.BatchAsync(1);
        await scene.Store.CancelAsync(batch.Key, default);
        var ended = Expect.Single(await scene.Store.FindUnobservedAsync(default));
        Expect.Equal(BatchStatus.Cancelled, ended.Status);

        Expect.That(await scene.Store.MarkPrunedAsync(ended, "{}", default));

        Expect.Empty(await scene.Store.FindUnobservedAsync(default));
    }
}
