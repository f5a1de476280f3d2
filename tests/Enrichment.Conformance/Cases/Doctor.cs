using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Doctor
{
    public static async Task An_empty_store_is_healthy(Scene scene) => await scene.ExpectHealthyAsync();

    public static async Task A_run_is_healthy_at_every_point(Scene scene)
    {
        var batch = await scene.BatchAsync(1_500, stages: 2);
        await scene.ExpectHealthyAsync();
        var claim = await scene.ClaimAsync(batch);
        await scene.Store.BeginAttemptsAsync(claim.Lease, "host", [.. claim.Items.Take(3).Select(Commits.Begin)], default);
        await scene.ExpectHealthyAsync();
        await scene.CommitAsync(claim.Lease, claim.Items.Take(3).Select(i => Commits.Retry(i)), begun: true);
        await scene.CommitAsync(claim.Lease, claim.Items.Skip(3).Select(i => Commits.Completed(i, advances: true)));
        await scene.ExpectHealthyAsync();
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        await scene.ExpectHealthyAsync();
        await scene.WorkAsync(batch, 1, advances: true);
        scene.Clock.Advance(Times.Backoff);
        await scene.FinishAsync(batch, 2);
        await scene.ExpectHealthyAsync();
        Expect.Equal(BatchStatus.Completed, (await scene.ReloadAsync(batch)).Status);
    }

    public static Task An_item_without_any_state_is_found(Scene scene) => FoundAsync(
        scene, "1_frontier", "delete from workflow_states where item = 3", "update ranges set pending = pending - 1 where stage = 2");

    public static Task A_state_of_no_item_is_found(Scene scene) => FoundAsync(
        scene, "1_state_without_item", "delete from batch_items where item = 3", "update batches set items = items - 1");

    public static Task An_item_of_no_row_is_found(Scene scene) =>
        FoundAsync(scene, "1_item_without_row", "delete from upload_rows where row = 3");

    public static Task An_item_that_passed_a_stage_and_stopped_there_is_found(Scene scene) => FoundAsync(
        scene,
        "1_frontier",
        "delete from workflow_states where item = 3 and stage = 2",
        "update ranges set pending = pending - 1 where stage = 2");

    public static Task An_open_item_that_its_range_hides_is_found(Scene scene) =>
        FoundAsync(scene, "1_stuck", "update ranges set due_at = null where stage = 2");

    public static async Task A_finding_names_the_rows_and_their_dates_in_words(Scene scene)
    {
        var batch = await PrepareAsync(scene);
        var due = (await scene.StatesAsync(batch, Status.Pending)).Single(state => state.Item == 3).ActsAt;
        await scene.Fixture.ExecuteRawAsync("update ranges set due_at = null where stage = 2");

        var findings = await scene.Store.ExamineAsync(default);

        Expect.Equal(
            $"item 3 of batch {batch.Id} is due at stage 2 at {due:yyyy-MM-dd HH:mm:ss.fff'Z'}; "
            + "its range has the date none and counts 5 pending",
            findings.Single(f => f.Check == "1_stuck" && f.Detail.StartsWith("item 3 ", StringComparison.Ordinal)).Detail);
    }

    public static Task A_range_that_is_missing_is_found(Scene scene) =>
        FoundAsync(scene, "1_counters", "delete from ranges where stage = 2");

    public static Task A_count_that_is_off_by_one_is_found(Scene scene) =>
        FoundAsync(scene, "1_counters", "update ranges set completed = completed + 1 where stage = 1");

    public static Task A_batch_that_has_ended_before_its_items_is_found(Scene scene) =>
        FoundAsync(scene, "1_ended_batch", $"update batches set status = {(int)BatchStatus.Completed}");

    public static Task A_batch_that_says_another_number_of_items_is_found(Scene scene) =>
        FoundAsync(scene, "1_item_count", "update batches set items = items + 1");

    public static async Task A_completion_that_no_event_tells_is_found(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await scene.FinishAsync(batch, 1);
        await ExpectFoundAsync(scene, batch, "1_completion_event", "delete from batch_events where kind = 'completed'");
    }

    public static Task A_lease_with_a_token_that_its_range_has_not_given_is_found(Scene scene) =>
        FoundWhileClaimedAsync(scene, "2_token", "update leases set token = token + 100");

    public static Task Leases_that_overlap_are_found(Scene scene) => FoundWhileClaimedAsync(
        scene,
        "2_overlap",
        """
        insert into leases (bucket, batch, stage, lo, hi, token, owner, until)
        select bucket, batch, stage, lo + 1, hi, token, owner, until from leases
        """);

    public static Task A_completed_state_whose_result_is_gone_is_found(Scene scene) =>
        FoundAsync(scene, "3_no_result", "delete from enrichment_results where item = 3");

    public static Task A_completed_state_that_refers_to_another_attempt_is_found(Scene scene) => FoundAsync(
        scene, "3_no_result", "update workflow_states set result_attempt = 7 where item = 3 and stage = 1");

    public static Task A_result_that_no_state_refers_to_is_found(Scene scene) => FoundAsync(
        scene,
        "3_unused_result",
        """
        insert into enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
        select bucket, batch, stage, item, 9, kind, data, created_at from enrichment_results where item = 3
        """);

    public static async Task A_copied_answer_that_its_request_has_not_given_is_found(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(3), await EntityScene.OpenAsync(scene));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        Expect.Equal(3, await EntityScene.EndAndShareAsync(scene, requests));
        await scene.ExpectHealthyAsync();
        await ExpectFoundAsync(scene, batch, "3_copied_answer", "update enrichment_results set data = '{}' where source is null");
    }

    public static Task A_stage_ahead_of_its_turn_is_found(Scene scene) => FoundAsync(
        scene,
        "4_not_advanced",
        "delete from enrichment_results where item = 3",
        "update workflow_states set status = 0, result_attempt = null, advanced_at = null where item = 3 and stage = 1",
        "update ranges set completed = completed - 1, pending = pending + 1 where stage = 1");

    public static Task A_stage_without_the_one_before_it_is_found(Scene scene) =>
        FoundAsync(scene, "4_missing_stage", "delete from workflow_states where item = 3 and stage = 1");

    public static Task A_stage_behind_a_failure_that_may_not_pass_is_found(Scene scene) => FoundAsync(
        scene,
        "4_not_passed",
        "delete from enrichment_results where item = 3",
        $"update workflow_states set status = 4, result_attempt = null, error_class = {(int)ErrorClass.Permanent} where item = 3 and stage = 1",
        "update ranges set completed = completed - 1, failed = failed + 1 where stage = 1");

    public static Task An_attempt_that_nobody_will_close_is_found(Scene scene) => FoundAsync(
        scene, "6_open_attempt", "update attempts set ended_at = null, outcome = null where item = 4 and stage = 1");

    public static async Task A_result_from_outside_whose_attempt_is_not_recorded_is_found(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await scene.Fixture.ExecuteRawAsync("""update batches set snapshot = '{"stages":[{"manifest":{"effects":"Review"}}]}'""");
        var claim = await scene.ClaimAsync(batch);
        await scene.Store.BeginAttemptsAsync(claim.Lease, "host", [.. claim.Items.Select(Commits.Begin)], default);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)), begun: true);
        await scene.ExpectHealthyAsync();
        await ExpectFoundAsync(scene, batch, "6_unrecorded_attempt", "delete from attempts where item = 2");
    }

    public static async Task An_entity_that_is_requested_twice_at_once_is_found(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        WantedEntity[] entities = [EntityScene.Entity("acme.com", bucket: 7), EntityScene.Entity("globex.com", bucket: 7)];
        await scene.Store.RequestAsync(EntityScene.Request(requests, entities), default);
        await scene.ExpectHealthyAsync();
        await ExpectFoundAsync(
            scene,
            await scene.Store.LoadBatchAsync(requests.Batch, default),
            "1_entity_twice",
            "update entities set key = 'acme.com', request = 2 where key = 'globex.com'");
    }

    public static Task A_call_that_is_out_and_that_its_range_hides_is_found(Scene scene) =>
        FoundWhileOutAsync(scene, "1_out", "update ranges set acts_at = null where in_progress > 0");

    public static Task A_call_that_is_out_and_acts_earlier_than_its_range_says_is_found(Scene scene) => FoundWhileOutAsync(
        scene, "1_out", "update workflow_states set due_at = updated_at where status = 2");

    public static Task A_call_that_is_out_without_an_open_attempt_is_found(Scene scene) =>
        FoundWhileOutAsync(scene, "6_no_open_attempt", "delete from attempts where outcome is null");

    public static Task An_open_attempt_of_a_state_that_is_out_with_another_is_found(Scene scene) => FoundWhileOutAsync(
        scene, "6_open_attempt", "update workflow_states set attempt = attempt + 1 where status = 2");

    public static Task A_wait_for_a_worker_without_a_task_is_found(Scene scene) =>
        FoundWhileHandedOutAsync(scene, "6_no_task", "delete from external_tasks");

    public static Task A_task_that_no_state_waits_for_is_found(Scene scene) => FoundWhileHandedOutAsync(
        scene, "6_task_without_state", $"update workflow_states set waits = {(int)WaitReason.Callback} where status = 2");

    public static Task A_batch_on_another_clients_upload_is_found(Scene scene) => FoundAsync(
        scene, "8_tenants", "update batches set client = (select client from clients where slug = 'umbrella')");

    public static async Task Statuses_that_contradict_themselves_are_refused_by_the_tables(Scene scene)
    {
        await PrepareAsync(scene);
        foreach (var change in new[]
        {
            "status = 1",
            "status = 3, result_attempt = null",
            "status = 4, error_class = null, result_attempt = null",
            "status = 0, result_attempt = null",
            "status = 2, result_attempt = null, advanced_at = null, waits = 1",
            "waits = 3",
        })
        {
            await Expect.ThrowsAsync<System.Data.Common.DbException>(() => scene.Fixture.ExecuteRawAsync($"update workflow_states set {change} where item = 1 and stage = 1"), change);
        }

        await scene.ExpectHealthyAsync();
    }

    private static async Task FoundWhileClaimedAsync(Scene scene, string check, string corruption)
    {
        var batch = await scene.BatchAsync(3);
        await scene.ClaimAsync(batch);
        await ExpectFoundAsync(scene, batch, check, corruption);
    }

    private static async Task FoundWhileHandedOutAsync(Scene scene, string check, string corruption)
    {
        var batch = await scene.BatchAsync(3);
        await HandOuts.HandOutAsync(scene, batch, limit: 2);
        await scene.ExpectHealthyAsync();
        await ExpectFoundAsync(scene, batch, check, corruption);
    }

    // Two calls are out, one of them to be polled.
    private static async Task FoundWhileOutAsync(Scene scene, string check, params string[] corruption)
    {
        var batch = await scene.BatchAsync(3);
        await Sends.SendAsync(scene, batch, Sends.Polled, limit: 1);
        await Sends.SendAsync(scene, batch, Sends.Answered, limit: 1);
        await scene.ExpectHealthyAsync();
        await ExpectFoundAsync(scene, batch, check, corruption);
    }

    // Five items, one stage passed and one to come; item 4 needed a second attempt.
    private static async Task<Batch> PrepareAsync(Scene scene)
    {
        await scene.UploadAsync(1, "umbrella");
        var batch = await scene.BatchAsync(5, stages: 2);
        await scene.WorkAsync(batch, outcome: i => i.Item == 4 ? Commits.Retry(i, Times.Moment) : Commits.Completed(i, advances: true));
        scene.Clock.Advance(Times.Moment);
        await scene.WorkAsync(batch, advances: true);
        Expect.Equal(5, (await scene.StatesAsync(batch, Status.Pending)).Count);
        await scene.ExpectHealthyAsync();
        return batch;
    }

    private static async Task FoundAsync(Scene scene, string check, params string[] corruption) =>
        await ExpectFoundAsync(scene, await PrepareAsync(scene), check, corruption);

    // The batch is named by the id that operators know.
    private static async Task ExpectFoundAsync(Scene scene, Batch batch, string check, params string[] corruption)
    {
        foreach (var sql in corruption)
        {
            Expect.That(await scene.Fixture.ExecuteRawAsync(sql) > 0);
        }

        var findings = await scene.Store.ExamineAsync(default);

        Expect.That(
            findings.Any(f =>
                f.Check == check
                && check.StartsWith($"{f.Invariant}_", StringComparison.Ordinal)
                && f.Detail.Contains($"batch {batch.Id}", StringComparison.Ordinal)));
    }
}
