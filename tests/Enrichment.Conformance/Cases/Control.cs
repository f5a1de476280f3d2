namespace Enrichment.Conformance.Cases;

/// <summary>What an operator does to a batch, and how it ends.</summary>
internal static class Control
{
    public static async Task A_pause_holds_what_is_waiting_and_lets_what_is_in_flight_end(Scene scene)
    {
        var batch = await scene.BatchAsync(10, stages: 2);
        var claim = await scene.ClaimAsync(batch, limit: 5);

        Expect.That(await scene.Store.SetPausedAsync(batch.Key, true, default));

        Expect.Equal(BatchStatus.Paused, (await scene.ReloadAsync(batch)).Status);
        Expect.Null(await scene.TryClaimAsync(batch));
        Expect.Equal(5, (await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true)))).Count);
        Expect.Null(await scene.TryClaimAsync(batch, 2));
        Expect.That((await scene.StatesAsync(batch, Status.Pending)).All(s => s.Reason == "paused"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_resumed_batch_goes_on_where_it_stood(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        await scene.Store.SetPausedAsync(batch.Key, true, default);
        Expect.That(await scene.Store.SetPausedAsync(batch.Key, false, default));
        Expect.Equal(BatchStatus.Pending, (await scene.ReloadAsync(batch)).Status);

        var claim = await scene.ClaimAsync(batch);
        await scene.Store.SetPausedAsync(batch.Key, true, default);
        await scene.Store.SetPausedAsync(batch.Key, false, default);

        Expect.Equal(BatchStatus.Running, (await scene.ReloadAsync(batch)).Status);
        Expect.Equal(10, claim.Items.Count);
        Expect.Sequence(["launched", "paused", "resumed", "paused", "resumed"], await EventsAsync(scene, batch));
    }

    public static async Task Pausing_twice_or_after_the_end_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        Expect.That(!await scene.Store.SetPausedAsync(batch.Key, false, default));
        Expect.That(await scene.Store.SetPausedAsync(batch.Key, true, default));
        Expect.That(!await scene.Store.SetPausedAsync(batch.Key, true, default));
        await scene.Store.SetPausedAsync(batch.Key, false, default);
        await scene.FinishAsync(batch);

        Expect.That(!await scene.Store.SetPausedAsync(batch.Key, true, default));

        Expect.Sequence(["launched", "paused", "resumed", "completed"], await EventsAsync(scene, batch));
    }

    public static async Task A_priority_can_be_changed_until_the_batch_has_ended(Scene scene)
    {
        var batch = await scene.LaunchAsync(await scene.UploadAsync(3), priority: 40);
        Expect.Equal(40, batch.Priority);

        Expect.That(await scene.Store.SetPriorityAsync(batch.Key, 7, default));

        Expect.Equal(7, (await scene.ReloadAsync(batch)).Priority);
        Expect.Equal((short)7, Expect.Single((await scene.Store.FindDueAsync([], default)).Batches).Priority);
        await scene.FinishAsync(batch);
        Expect.That(!await scene.Store.SetPriorityAsync(batch.Key, 8, default));
        Expect.Equal(7, (await scene.ReloadAsync(batch)).Priority);
        Expect.Sequence(["launched", "prioritized", "completed"], await EventsAsync(scene, batch));
    }

    public static async Task A_cancel_ends_every_open_item_and_keeps_what_is_done(Scene scene)
    {
        var batch = await scene.BatchAsync(2_500, stages: 2);
        var claim = await scene.ClaimAsync(batch, limit: 10);
        await scene.CommitAsync(claim.Lease, claim.Items.Take(4).Select(i => Commits.Completed(i, advances: true)));

        Expect.That(await scene.Store.CancelAsync(batch.Key, default) is not null);

        Expect.Equal(BatchStatus.Cancelled, (await scene.ReloadAsync(batch)).Status);
        Expect.Equal((0, 4, 2_496), Open(await scene.ProgressAsync(batch)));
        Expect.Equal((0, 0, 4), Open(await scene.ProgressAsync(batch, 2)));
        Expect.Equal(4, (await scene.ResultsAsync(batch)).Count);
        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Skip(4).Select(i => Commits.Completed(i, advances: true))));
        Expect.That(!await scene.HasOpenWorkAsync());
        Expect.Empty(await scene.Store.FindUncancelledAsync(default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Cancelling_twice_or_after_the_end_changes_nothing(Scene scene)
    {
        var (cancelled, completed) = (await scene.BatchAsync(3), await scene.BatchAsync(3));
        await scene.FinishAsync(completed);

        Expect.That(await scene.Store.CancelAsync(cancelled.Key, default) is not null);
        Expect.That(await scene.Store.CancelAsync(cancelled.Key, default) is null);
        Expect.That(await scene.Store.CancelAsync(completed.Key, default) is null);

        Expect.Sequence(["launched", "cancelled"], await EventsAsync(scene, cancelled));
        Expect.Equal(BatchStatus.Completed, (await scene.ReloadAsync(completed)).Status);
    }

    public static async Task A_cancel_that_a_crash_cut_between_buckets_is_finished(Scene scene)
    {
        var batch = await scene.BatchAsync(2_500);
        await scene.Fixture.ExecuteRawAsync($"update batches set status = {(int)BatchStatus.Cancelled} where batch = {batch.Key}");
        var left = await scene.Store.FindUncancelledAsync(default);
        Expect.Equal(3, left.Count);

        Expect.That((await scene.Store.CancelBucketAsync(left[0].Batch, left[0].Bucket, default)).Total() > 0);
        Expect.Equal(0, (await scene.Store.CancelBucketAsync(left[0].Batch, left[0].Bucket, default)).Total());
        Expect.Equal(2, (await scene.Store.FindUncancelledAsync(default)).Count);
        foreach (var (key, bucket) in await scene.Store.FindUncancelledAsync(default))
        {
            await scene.Store.CancelBucketAsync(key, bucket, default);
        }

        Expect.Equal((0, 0, 2_500), Open(await scene.ProgressAsync(batch)));
        Expect.Empty(await scene.Store.FindUncancelledAsync(default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_batch_whose_cancel_is_not_through_is_not_reopened(Scene scene)
    {
        var batch = await scene.BatchAsync(2_500);
        var claim = await scene.ClaimAsync(batch, limit: 2);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Failed(i)));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        await scene.Fixture.ExecuteRawAsync(
            $"update batches set status = {(int)BatchStatus.Cancelled}, completed_at = created_at where batch = {batch.Key}");
        var failed = claim.Items.Select(i => i.Item).ToArray();
        while (await scene.Store.FindUncancelledAsync(default) is [var (key, bucket), ..])
        {
            Expect.Equal(0, await scene.Store.RetryAsync(batch.Key, 1, failed, sameKey: false, default));
            Expect.Equal(0, await scene.Store.ResolveAsync(Resolving.Skip(batch, 1, failed), default));
            Expect.Equal(0, await scene.Store.ResolveAsync(Resolving.Supply(batch, 1, failed), default));
            Expect.Equal(BatchStatus.Cancelled, (await scene.ReloadAsync(batch)).Status);
            Expect.That((await scene.Store.CancelBucketAsync(key, bucket, default)).Total() > 0);
        }

        Expect.Sequence(["launched"], await EventsAsync(scene, batch));
        Expect.Equal((0, 0, 2_498), Open(await scene.ProgressAsync(batch)));
        Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, 1, failed[..1], sameKey: false, default));
        Expect.Equal(1, await scene.Store.ResolveAsync(Resolving.Skip(batch, 1, failed[1..]), default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_bucket_of_a_batch_that_was_not_cancelled_is_not_touched(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var bucket = (await scene.CandidatesAsync(batch))[0].Range.Bucket;

        Expect.Equal(0, (await scene.Store.CancelBucketAsync(batch.Key, bucket, default)).Total());

        Expect.Equal(3, (await scene.ProgressAsync(batch)).Pending);
    }

    public static async Task A_completion_is_recorded_once(Scene scene)
    {
        var batch = await scene.BatchAsync(10, stages: 2);
        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        await scene.WorkAsync(batch, 1, advances: true);
        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        await scene.WorkAsync(batch, 2);

        var ended = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.Store.CompleteBatchesAsync(default))));

        Expect.Equal(BatchStatus.Completed, Expect.Single(ended.SelectMany(e => e)).Status);
        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        Expect.Sequence(["launched", "completed"], await EventsAsync(scene, batch));
        Expect.Equal(scene.Clock.GetUtcNow(), (await scene.ReloadAsync(batch)).CompletedAt);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_batch_that_has_ended_waits_for_its_typed_tables_once_an_end(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        Expect.Empty(await scene.Store.FindUnconsolidatedAsync(default));
        await scene.FinishAsync(batch);

        var ended = Expect.Single(await scene.Store.FindUnconsolidatedAsync(default));
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);
        await scene.FinishAsync(batch);
        await scene.Store.MarkConsolidatedAsync(ended, default);

        var again = Expect.Single(await scene.Store.FindUnconsolidatedAsync(default));
        Expect.That(again.Version > ended.Version);
        await scene.Store.MarkConsolidatedAsync(again, default);
        Expect.Empty(await scene.Store.FindUnconsolidatedAsync(default));
    }

    public static async Task A_batch_with_failures_says_so(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        await scene.WorkAsync(batch, outcome: i => i.Item == 7 ? Commits.Failed(i) : Commits.Completed(i));

        Expect.Equal(BatchStatus.CompletedWithFailures, Expect.Single(await scene.Store.CompleteBatchesAsync(default)).Status);
    }

    public static async Task Failures_of_optional_stages_are_no_failures_of_the_batch(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2, optional: true);
        await scene.WorkAsync(batch, 1, outcome: i => Commits.Failed(i, advances: true));
        await scene.WorkAsync(batch, 2);

        Expect.Equal(BatchStatus.Completed, Expect.Single(await scene.Store.CompleteBatchesAsync(default)).Status);
    }

    public static async Task A_batch_of_skipped_items_completes(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await scene.WorkAsync(batch, outcome: i => Commits.Skipped(i));

        Expect.Equal(BatchStatus.Completed, Expect.Single(await scene.Store.CompleteBatchesAsync(default)).Status);
    }

    internal static async Task<IEnumerable<string>> EventsAsync(Scene scene, Batch batch) =>
        (await scene.Store.ReadEventsAsync(batch.Key, default)).Select(e => e.Kind);

    private static (int Pending, int Completed, int Cancelled) Open(StageCounts counts) =>
        (counts.Pending, counts.Completed, counts.Cancelled);
}
