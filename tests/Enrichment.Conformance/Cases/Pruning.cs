using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Pruning
{
    private const string Who = """{"by":"test"}""";

    private static readonly string[] Deleted = ["batch_items", "workflow_states", "state_history", "enrichment_results", "attempts"];

    public static async Task A_pruned_batch_keeps_its_counts_and_events_and_nothing_else(Scene scene)
    {
        var batch = await EndedAsync(scene, 1_500);
        var counts = await scene.Store.ReadProgressAsync(batch.Key, default);
        foreach (var table in Deleted)
        {
            Expect.That(await scene.Fixture.CountRawAsync($"select count(*) from {table}") > 0, table);
        }

        Expect.That(await scene.Store.MarkPrunedAsync(batch, Who, default));
        await DeletePrunedAsync(scene, batch);

        Expect.Equal(scene.Clock.GetUtcNow(), (await scene.ReloadAsync(batch)).PrunedAt);
        Expect.Sequence(counts, await scene.Store.ReadProgressAsync(batch.Key, default));
        Expect.Sequence(
            ["launched", "completed", "retried", "completed", "pruned"],
            (await scene.Store.ReadEventsAsync(batch.Key, default)).Select(e => e.Kind));
        foreach (var table in Deleted.Concat(["upload_rows"]))
        {
            Expect.Equal(0, await scene.Fixture.CountRawAsync($"select count(*) from {table}"), table);
        }

        Expect.Empty(await scene.Store.FindUndeletedAsync(default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_pruned_batch_forgets_under_which_limits_it_sent(Scene scene)
    {
        var (batch, other) = (await EndedAsync(scene, 3), await scene.BatchAsync(1));
        foreach (var each in (Batch[])[batch, other])
        {
            await scene.Store.BindLimitAsync(each.Key, 1, LimitKey.Of(null, "vendor"), untilAnswered: false, default);
        }

        await PruneAsync(scene, batch);

        Expect.Equal(0L, await scene.Fixture.CountRawAsync($"select count(*) from stage_limits where batch = {batch.Key}"));
        Expect.Equal(1L, await scene.Fixture.CountRawAsync($"select count(*) from stage_limits where batch = {other.Key}"));
    }

    public static async Task Only_a_batch_that_has_ended_is_pruned_and_only_once(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        Expect.That(!await scene.Store.MarkPrunedAsync(batch, Who, default));
        await scene.FinishAsync(batch);
        Expect.That(!await scene.Store.MarkPrunedAsync(batch, Who, default), "a batch that has changed since it was read");
        batch = await scene.ReloadAsync(batch);

        var marked = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.Store.MarkPrunedAsync(batch, Who, default))));

        Expect.Single(marked.Where(m => m));
        Expect.Single((await scene.Store.ReadEventsAsync(batch.Key, default)).Where(e => e.Kind == "pruned"));
    }

    public static async Task A_cancelled_batch_is_pruned_only_once_no_host_holds_anything_of_it(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        await scene.Store.CancelAsync(batch.Key, default);
        batch = await scene.ReloadAsync(batch);

        Expect.That(!await scene.Store.MarkPrunedAsync(batch, Who, default));

        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        Expect.That(await scene.Store.MarkPrunedAsync(batch, Who, default));
        await DeletePrunedAsync(scene, batch);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Nothing_of_a_batch_that_is_not_marked_is_deleted(Scene scene)
    {
        var batch = await EndedAsync(scene, 5);

        await DeletePrunedAsync(scene, batch);

        Expect.Equal(5, (await scene.ResultsAsync(batch)).Count);
        Expect.Equal(5, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Deletion_may_be_cut_off_after_any_step_and_leaves_nothing_to_complain_about(Scene scene)
    {
        var batch = await EndedAsync(scene, 3_500, stages: 2);
        await scene.Store.MarkPrunedAsync(batch, Who, default);
        await scene.ExpectHealthyAsync();

        for (var steps = 1; (await scene.Store.FindUndeletedAsync(default)).Count > 0; steps++)
        {
            var left = steps;
            await foreach (var _ in scene.Store.DeletePrunedAsync(batch, default))
            {
                if (--left == 0)
                {
                    break;
                }
            }

            await scene.ExpectHealthyAsync();
            Expect.That(steps < 20);
        }

        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
    }

    public static async Task Two_hosts_may_delete_at_once(Scene scene)
    {
        var batch = await EndedAsync(scene, 2_500);
        await scene.Store.MarkPrunedAsync(batch, Who, default);

        await Task.WhenAll(Task.Run(() => DeletePrunedAsync(scene, batch)), Task.Run(() => DeletePrunedAsync(scene, batch)));

        Expect.Empty(await scene.Store.FindUndeletedAsync(default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_uploads_rows_go_with_the_last_batch_that_needs_them(Scene scene)
    {
        var upload = await scene.UploadAsync(4);
        var first = await scene.LaunchAsync(upload);
        var second = await scene.LaunchAsync(upload, rows: [1]);
        foreach (var batch in new[] { first, second })
        {
            await scene.FinishAsync(batch);
        }

        await PruneAsync(scene, first);
        Expect.Null((await scene.Store.FindUploadAsync(Scene.Client, upload.Id, default))!.PrunedAt);
        Expect.Equal(4, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
        Expect.Equal(1, (await scene.ResultsAsync(second)).Count);

        await PruneAsync(scene, second);
        Expect.Equal(scene.Clock.GetUtcNow(), (await scene.Store.FindUploadAsync(Scene.Client, upload.Id, default))!.PrunedAt);
        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_pruned_upload_cannot_be_launched_and_its_content_is_welcome_again(Scene scene)
    {
        var upload = await scene.UploadAsync(4);
        var batch = await scene.LaunchAsync(upload, key: "monday");
        await scene.FinishAsync(batch);
        await PruneAsync(scene, batch);

        var error = await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(upload, key: "tuesday"));
        Expect.That(error.Message.Contains("pruned", StringComparison.Ordinal));
        Expect.Equal(batch.Id, (await scene.LaunchAsync(upload, key: "monday")).Id);

        var again = await scene.UploadAsync(4);
        Expect.That(!again.AlreadyThere && again.Id != upload.Id);
        await scene.FinishAsync(await scene.LaunchAsync(again));
        Expect.That((await scene.UploadAsync(4)).AlreadyThere);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_retry_finds_nothing_of_a_pruned_batch(Scene scene)
    {
        var batch = await EndedAsync(scene, 3);
        await scene.Store.MarkPrunedAsync(batch, Who, default);

        Expect.Equal(0, await scene.Store.RetryAsync(batch.Key, 1, [1, 2, 3], sameKey: false, default));

        Expect.Equal(BatchStatus.Completed, (await scene.ReloadAsync(batch)).Status);
        Expect.That(await scene.Store.ReadEventsAsync(batch.Key, default) is [.., { Kind: "pruned" }]);
    }

    public static async Task A_retry_and_a_pruning_at_once_leave_either_a_whole_batch_or_a_pruned_one(Scene scene)
    {
        for (var round = 0; round < 10; round++)
        {
            var batch = await EndedAsync(scene, 3);
            var (begun, marked) = (
                Task.Run(() => scene.Store.RetryAsync(batch.Key, 1, [1, 2, 3], sameKey: false, default)),
                Task.Run(() => scene.Store.MarkPrunedAsync(batch, Who, default)));

            Expect.That(await marked == (await begun == 0));
            await DeletePrunedAsync(scene, batch);
            await scene.ExpectHealthyAsync();
        }
    }

    public static async Task Batches_to_prune_are_chosen_by_age_client_and_consolidation(Scene scene)
    {
        var old = await EndedAsync(scene, 1);
        var others = await scene.LaunchAsync(await scene.UploadAsync(1, "umbrella"));
        await scene.FinishAsync(others);
        scene.Clock.Advance(TimeSpan.FromDays(1));
        var young = await EndedAsync(scene, 1);
        await scene.BatchAsync(1);
        await scene.Store.MarkConsolidatedAsync(await scene.ReloadAsync(old), default);
        var (day, now) = (new PruneQuery { OlderThan = TimeSpan.FromDays(1) }, new PruneQuery { OlderThan = TimeSpan.Zero });

        Expect.Sequence([old.Key, others.Key], await FindAsync(scene, day));
        Expect.Sequence([others.Key], await FindAsync(scene, day with { Client = "umbrella" }));
        Expect.Sequence([old.Key, others.Key, young.Key], await FindAsync(scene, now));
        Expect.Sequence([old.Key], await FindAsync(scene, now with { Consolidated = true }));
        Expect.Empty(await FindAsync(scene, now with { Client = "nobody" }));
        Expect.Empty(await FindAsync(scene, day with { OlderThan = TimeSpan.FromDays(2) }));

        await scene.Store.MarkPrunedAsync(await scene.ReloadAsync(old), Who, default);
        Expect.Sequence([others.Key], await FindAsync(scene, day));
    }

    public static async Task More_batches_than_a_page_are_all_found_in_order(Scene scene)
    {
        var upload = await scene.UploadAsync(1);
        for (var n = 0; n < 250; n++)
        {
            await scene.LaunchAsync(upload);
        }

        await foreach (var batch in scene.Store.ReadBatchesAsync(Scene.Client, new(), default))
        {
            await scene.Store.CancelAsync(batch.Key, default);
        }

        var found = await FindAsync(scene, new() { OlderThan = TimeSpan.Zero });

        Expect.Equal(250, found.Distinct().Count());
        Expect.Sequence(found.Order(), found);
    }

    public static async Task A_singleton_task_is_one_hosts_at_a_time_however_many_try(Scene scene)
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(() => TakeAsync(scene, $"host {n}"))));

        Expect.Single(taken.Where(t => t));
        Expect.That(await scene.Store.TakeSingletonLeaseAsync("another", "host", Times.Lease, default));
    }

    public static async Task A_singleton_lease_is_prolonged_by_its_holder_and_taken_over_once_that_is_lost(Scene scene)
    {
        Expect.That(await TakeAsync(scene, "first"));
        scene.Clock.Advance(Times.Lease - Times.Moment);
        Expect.That(!await TakeAsync(scene, "second"));
        Expect.That(await TakeAsync(scene, "first"));
        scene.Clock.Advance(Times.Lease - Times.Moment);
        Expect.That(!await TakeAsync(scene, "second"));
        scene.Clock.Advance(Times.Moment);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() => TakeAsync(scene, $"heir {n}"))));

        Expect.Single(taken.Where(t => t));
        Expect.That(!await TakeAsync(scene, "first"));
        await scene.Store.EndSingletonLeaseAsync("test", "first", TimeSpan.Zero, default);
        Expect.That(!await TakeAsync(scene, "second"), "only its holder gives a task back");
    }

    public static async Task A_singleton_task_that_was_done_rests(Scene scene)
    {
        Expect.That(await TakeAsync(scene, "first"));
        await scene.Store.EndSingletonLeaseAsync("test", "first", TimeSpan.FromHours(1), default);
        Expect.That(!await TakeAsync(scene, "first"));
        Expect.That(!await TakeAsync(scene, "second"));

        scene.Clock.Advance(TimeSpan.FromHours(1));

        Expect.That(await TakeAsync(scene, "second"));
    }

    public static Task A_pruned_batch_that_is_still_open_is_found(Scene scene) => FoundAsync(
        scene, "3_pruned_open", "update ranges set pending = 1");

    public static Task A_pruning_that_no_event_tells_is_found(Scene scene) =>
        FoundAsync(scene, "3_pruned_event", "delete from batch_events where kind = 'pruned'");

    public static Task An_item_of_a_deleted_batch_is_found(Scene scene) => FoundAsync(
        scene,
        "3_deleted_batch",
        "insert into batch_items (bucket, batch, item) select 0, batch, 1 from batches where deleted_at is not null");

    public static Task A_result_of_a_deleted_batch_is_found(Scene scene) => FoundAsync(
        scene,
        "3_deleted_batch",
        "insert into enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at) select 0, batch, 1, 1, 1, 1, '{}', created_at from batches where deleted_at is not null");

    public static Task A_row_of_a_pruned_upload_is_found(Scene scene) =>
        FoundAsync(
            scene,
            "3_pruned_upload",
            "insert into upload_rows (bucket, upload, row, raw) select 0, upload, 1, '[]' from uploads where pruned_at is not null");

    public static Task A_batch_whose_upload_is_pruned_is_found(Scene scene) =>
        FoundAsync(scene, "3_needed_upload", "update batches set pruned_at = null, deleted_at = null");

    public static async Task The_tables_refuse_to_prune_what_is_open(Scene scene)
    {
        await scene.BatchAsync(1);

        await Expect.ThrowsAsync<System.Data.Common.DbException>(() =>
            scene.Fixture.ExecuteRawAsync("update batches set pruned_at = created_at"));
        await Expect.ThrowsAsync<System.Data.Common.DbException>(() =>
            scene.Fixture.ExecuteRawAsync("update batches set deleted_at = created_at"));
    }

    private static async Task FoundAsync(Scene scene, string check, string corruption)
    {
        await PruneAsync(scene, await EndedAsync(scene, 3));
        await scene.ExpectHealthyAsync();
        Expect.That(await scene.Fixture.ExecuteRawAsync(corruption) > 0);

        Expect.That((await scene.Store.ExamineAsync(default)).Any(f => f.Invariant == 3 && f.Check == check));
    }

    // Item 1 with a second attempt and a generation that was replaced: rows in every table.
    private static async Task<Batch> EndedAsync(Scene scene, int rows, int stages = 1)
    {
        var batch = await scene.BatchAsync(rows, stages);
        await scene.WorkAsync(
            batch,
            outcome: i => i.Item == 1 ? Commits.Retry(i, Times.Moment) : Commits.Completed(i, advances: stages > 1));
        scene.Clock.Advance(Times.Moment);
        await scene.FinishAsync(batch, stages);
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);
        await scene.FinishAsync(batch, stages);
        return await scene.ReloadAsync(batch);
    }

    private static async Task PruneAsync(Scene scene, Batch batch)
    {
        Expect.That(await scene.Store.MarkPrunedAsync(await scene.ReloadAsync(batch), Who, default));
        await DeletePrunedAsync(scene, batch);
    }

    private static async Task DeletePrunedAsync(Scene scene, Batch batch) =>
        await Scene.ToListAsync(scene.Store.DeletePrunedAsync(batch, default));

    private static async Task<List<int>> FindAsync(Scene scene, PruneQuery query) =>
        [.. (await Scene.ToListAsync(scene.Store.FindPrunableAsync(query, default))).Select(b => b.Key)];

    private static Task<bool> TakeAsync(Scene scene, string owner) =>
        scene.Store.TakeSingletonLeaseAsync("test", owner, Times.Lease, default);
}
