using System.Data.Common;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Committing
{
    public static async Task Result_state_and_next_stage_are_written_together(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        var claim = await scene.ClaimAsync(batch);

        Expect.Sequence(
            [1, 2, 3],
            (await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true)))).Order());

        Expect.That(
            (await scene.StatesAsync(batch))
                .Where(s => s.Stage == 1)
                .All(s => s is { Status: Status.Completed, Attempt: 1, Tries: 1, Reason: null, ActsAt: null }));
        Expect.That(
            (await scene.StatesAsync(batch))
                .Where(s => s.Stage == 2)
                .All(s => s is { Status: Status.Pending, Attempt: 0, Generation: 1, Reason: "due" }));
        Expect.Equal(6, (await scene.StatesAsync(batch)).Count);
        var results = await scene.ResultsAsync(batch);
        Expect.Sequence(claim.Items.Select(i => Commits.Answer(i)), results.Select(r => Encoding.UTF8.GetString(r.Data.Span)));
        Expect.That(
            results.All(r => r is { Stage: 1, Attempt: 1, Kind: StepOutcomeKind.Completed } && r.CreatedAt == scene.Clock.GetUtcNow()));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_commit_whose_result_cannot_be_stored_changes_no_state(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        var claim = await scene.ClaimAsync(batch);

        // Where the result of item 2 is to go there is one already: a store that writes states and results apart is caught between the two.
        await scene.Fixture.ExecuteRawAsync(
            """
            insert into enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
            values ((select bucket from batch_items where item = 2), (select batch from batch_items where item = 2), 1, 2, 1, 1, '{}', (select updated_at from workflow_states where item = 2))
            """);
        var refused = false;
        try
        {
            await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true)));
        }
        catch (DbException)
        {
            refused = true;
        }

        Expect.That(refused);
        Expect.Sequence([Status.Queued, Status.Queued, Status.Queued], (await scene.StatesAsync(batch)).Select(s => s.Status));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from enrichment_results"));
    }

    public static async Task The_next_stage_is_claimable_at_once(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[1], advances: true)]);

        Expect.Equal(2, Expect.Single((await scene.ClaimAsync(batch, 2)).Items).Item);
    }

    public static async Task The_last_stage_ends_the_item(Scene scene)
    {
        var batch = await scene.BatchAsync(3);

        await scene.WorkAsync(batch, advances: false);

        Expect.Equal(3, (await scene.StatesAsync(batch)).Count);
        Expect.Equal(0, (await scene.ProgressAsync(batch)).ToAdvance);
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.That(!await scene.HasOpenWorkAsync());
    }

    public static async Task A_failure_ends_the_item_and_says_why(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        await scene.WorkAsync(batch, outcome: i => i.Item == 1 ? Commits.Failed(i) : Commits.Completed(i, advances: true));

        var failed = await scene.StateAsync(batch, 1);

        Expect.Equal(
            (Status.Failed, (ErrorClass?)ErrorClass.Permanent, "400 from the vendor"),
            (failed.Status, failed.ErrorClass, failed.Error));
        Expect.Sequence([2], (await scene.StatesAsync(batch)).Where(s => s.Stage == 2).Select(s => s.Item));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_optional_failure_lets_the_item_pass(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2, optional: true);

        await scene.WorkAsync(batch, outcome: i => Commits.Failed(i, advances: true));

        Expect.Equal(Status.Failed, (await scene.StateAsync(batch, 1, 1)).Status);
        Expect.Equal(Status.Pending, (await scene.StateAsync(batch, 1, 2)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_skip_lets_the_item_pass_with_or_without_an_attempt(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);

        await scene.WorkAsync(
            batch,
            outcome: i => i.Item == 1 ? Commits.Skipped(i, advances: true) : Commits.ConditionFalse(i, advances: true));

        Expect.Equal((Status.Skipped, 1), ((await scene.StateAsync(batch, 1)).Status, (await scene.StateAsync(batch, 1)).Attempt));
        Expect.Equal((Status.Skipped, 0), ((await scene.StateAsync(batch, 2)).Status, (await scene.StateAsync(batch, 2)).Attempt));
        Expect.Equal("the condition does not hold", (await scene.StateAsync(batch, 2)).Error);
        Expect.Equal(2, (await scene.ProgressAsync(batch, 2)).Pending);
        Expect.Empty(await scene.ResultsAsync(batch));
    }

    public static async Task Not_found_is_an_answer(Scene scene)
    {
        var batch = await scene.BatchAsync(1);

        await scene.WorkAsync(batch, outcome: i => Commits.NotFound(i));

        var result = Expect.Single(await scene.ResultsAsync(batch));
        Expect.Equal((StepOutcomeKind.NotFound, "{}"), (result.Kind, Encoding.UTF8.GetString(result.Data.Span)));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Completed);
    }

    public static async Task A_retry_waits_for_its_date_and_counts_a_try(Scene scene)
    {
        var batch = await scene.BatchAsync(1);

        await scene.WorkAsync(batch, outcome: i => Commits.Retry(i));

        var state = await scene.StateAsync(batch, 1);
        Expect.Equal((Status.Pending, "retry", 1, (short)1), (state.Status, state.Reason, state.Attempt, state.Tries));
        Expect.Equal(scene.Clock.GetUtcNow() + Times.Backoff, state.ActsAt);
        Expect.Equal((ErrorClass?)ErrorClass.Transient, state.ErrorClass);
        Expect.Equal("503 from the vendor", state.Error);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_rate_limit_waits_and_counts_no_try_but_a_new_attempt(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await scene.WorkAsync(batch, outcome: i => Commits.RateLimited(i));
        Expect.Equal("rate_limit", (await scene.StateAsync(batch, 1)).Reason);

        scene.Clock.Advance(Times.Backoff);
        var item = Expect.Single((await scene.ClaimAsync(batch)).Items);

        Expect.Equal((1, (short)0), (item.Attempt, item.Tries));
    }

    public static async Task An_item_that_completes_after_retries_has_one_result_of_its_last_attempt(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        for (var i = 0; i < 3; i++)
        {
            await scene.WorkAsync(batch, outcome: item => Commits.Retry(item));
            scene.Clock.Advance(Times.Backoff);
        }

        await scene.WorkAsync(batch);

        Expect.Equal(4, Expect.Single(await scene.ResultsAsync(batch)).Attempt);
        var state = await scene.StateAsync(batch, 1);
        Expect.Equal((Status.Completed, 4, (short)4, (ErrorClass?)null), (state.Status, state.Attempt, state.Tries, state.ErrorClass));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_stale_token_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        var claim = await scene.ClaimAsync(batch);

        foreach (var token in new[] { claim.Lease.Token - 1, claim.Lease.Token + 1 })
        {
            Expect.Empty(
                await scene.CommitAsync(claim.Lease with { Token = token }, claim.Items.Select(i => Commits.Completed(i, advances: true))));
        }

        await ExpectUntouchedAsync(scene, batch);
    }

    public static async Task A_lease_past_its_end_by_the_stores_clock_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);

        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true))));

        await ExpectUntouchedAsync(scene, batch);
    }

    public static async Task A_holder_that_wakes_after_another_finished_its_work_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var zombie = await scene.ClaimAsync(batch, owner: "zombie");
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        await scene.Store.SplitAsync(lost, [], default);
        await scene.WorkAsync(batch, outcome: i => Commits.Completed(i, result: """{"by":"the second"}"""));

        Expect.Empty(
            await scene.CommitAsync(
                zombie.Lease,
                zombie.Items.Select(i => Commits.Completed(i, result: """{"by":"the zombie"}""")),
                owner: "zombie"));

        Expect.That((await scene.ResultsAsync(batch)).All(r => Encoding.UTF8.GetString(r.Data.Span) == """{"by":"the second"}"""));
        Expect.Equal(3, await scene.Fixture.CountRawAsync("select count(*) from enrichment_results"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_lease_serves_its_owner_alone(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        var (lease, item) = (claim.Lease, claim.Items[0]);

        Expect.Empty(await scene.Store.BeginAttemptsAsync(lease, "another", [Commits.Begin(item)], default));
        Expect.Empty(await scene.Store.BeginSendingAsync(lease, "another", [Sends.Start(item)], Sends.Answered, default));
        Expect.Empty(await scene.CommitAsync(lease, [Commits.Completed(item)], owner: "another"));

        Expect.Sequence([1], await scene.CommitAsync(lease, [Commits.Completed(item)]));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_stale_attempt_or_generation_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        var (first, second) = (Commits.Completed(claim.Items[0], advances: true), Commits.Completed(claim.Items[1], advances: true));

        Expect.Empty(
            await scene.CommitAsync(claim.Lease, [first with { ExpectedAttempt = 1, Attempt = 2 }, second with { Generation = 2 }]));

        await ExpectUntouchedAsync(scene, batch);
    }

    public static async Task An_item_outside_the_leases_interval_is_not_changed(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        var (first, second) = (await scene.ClaimAsync(batch, limit: 5), await scene.ClaimAsync(batch, limit: 5));

        Expect.Sequence([1], await scene.CommitAsync(first.Lease, [Commits.Completed(first.Items[0]), Commits.Completed(second.Items[0])]));

        Expect.Equal(Status.Queued, (await scene.StateAsync(batch, 6)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_same_commit_twice_has_one_effect(Scene scene)
    {
        var batch = await scene.BatchAsync(4, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        StateChange[] outcomes =
        [
            Commits.Completed(claim.Items[0], advances: true),
            Commits.Retry(claim.Items[1]),
            Commits.Failed(claim.Items[2]),
            Commits.Skipped(claim.Items[3], advances: true),
        ];
        Expect.Sequence([1, 2, 3, 4], (await scene.CommitAsync(claim.Lease, outcomes)).Order());
        var before = await scene.StatesAsync(batch);

        Expect.Empty(await scene.CommitAsync(claim.Lease, outcomes));

        Expect.Sequence(before, await scene.StatesAsync(batch));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from enrichment_results"));
        Expect.Equal(
            new StageCounts
            {
                Stage = 1,
                Pending = 1,
                InProgress = 0,
                Completed = 1,
                Failed = 1,
                Skipped = 1,
                Cancelled = 0,
                ToAdvance = 0,
            },
            await scene.ProgressAsync(batch));
        Expect.Equal(2, (await scene.ProgressAsync(batch, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Of_two_hosts_that_race_with_the_same_outcomes_one_changes_each_item(Scene scene)
    {
        var batch = await scene.BatchAsync(200, stages: 2);
        var claim = await scene.ClaimAsync(batch, limit: 200);
        var outcomes = claim.Items.Select(i => Commits.Completed(i, advances: true)).ToList();

        var changed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.CommitAsync(claim.Lease, outcomes))));

        Expect.Sequence(Enumerable.Range(1, 200), changed.SelectMany(c => c).Order());
        Expect.Equal(200, (await scene.ProgressAsync(batch)).Completed);
        Expect.Equal(200, (await scene.ProgressAsync(batch, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Counts_are_exact_through_every_kind_of_outcome(Scene scene)
    {
        var batch = await scene.BatchAsync(1_200, stages: 2);

        await scene.WorkAsync(batch, outcome: i => (i.Item % 6) switch
        {
            0 => Commits.Retry(i),
            1 => Commits.Failed(i),
            2 => Commits.Skipped(i, advances: true),
            3 => Commits.NotFound(i, advances: true),
            4 => Commits.RateLimited(i),
            _ => Commits.Completed(i, advances: true),
        });

        Expect.Equal(
            new StageCounts
            {
                Stage = 1,
                Pending = 400,
                InProgress = 0,
                Completed = 400,
                Failed = 200,
                Skipped = 200,
                Cancelled = 0,
                ToAdvance = 0,
            },
            await scene.ProgressAsync(batch));
        Expect.Equal(600, (await scene.ProgressAsync(batch, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Each_COMPLETED_state_has_exactly_one_result_and_no_other_has_any(Scene scene)
    {
        var batch = await scene.BatchAsync(60);
        await scene.WorkAsync(batch, outcome: i => i.Item % 2 == 0 ? Commits.Completed(i) : Commits.Failed(i));

        var completed = await scene.StatesAsync(batch, Status.Completed);
        Expect.Sequence(completed.Select(s => (s.Item, s.Attempt)), (await scene.ResultsAsync(batch)).Select(r => (r.Item, r.Attempt)));
        Expect.Equal(30, await scene.Fixture.CountRawAsync("select count(*) from enrichment_results"));
    }

    public static async Task A_pure_attempt_that_did_not_complete_leaves_a_record_and_one_that_did_needs_none(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.WorkAsync(batch, outcome: i => i.Item == 1 ? Commits.Retry(i) : Commits.Completed(i));

        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync("select count(*) from attempts where item = 1 and attempt = 1 and ended_at is not null"));
        Expect.That((await scene.TimelineAsync(batch, 1)).Any(e => e.Attempt == 1 && e.Detail == "503 from the vendor"));
    }

    public static async Task An_empty_commit_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);

        Expect.Empty(await scene.CommitAsync(claim.Lease, []));
    }

    private static async Task ExpectUntouchedAsync(Scene scene, Batch batch)
    {
        Expect.That(
            (await scene.StatesAsync(batch)).All(s => s is { Stage: 1, Status: Status.Pending or Status.Queued, Attempt: 0, Tries: 0 }));
        Expect.Empty(await scene.ResultsAsync(batch));
        foreach (var table in new[] { "enrichment_results", "attempts" })
        {
            Expect.Equal(0, await scene.Fixture.CountRawAsync($"select count(*) from {table}"), table);
        }

        Expect.Equal(batch.Items, (await scene.ProgressAsync(batch)).Pending);
        await scene.ExpectHealthyAsync();
    }
}
