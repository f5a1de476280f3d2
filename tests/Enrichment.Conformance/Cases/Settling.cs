namespace Enrichment.Conformance.Cases;

internal static class Settling
{
    public static async Task An_answer_completes_its_state_and_the_next_stage_begins(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await Sends.SendAsync(scene, batch);
        scene.Clock.Advance(Times.Moment);

        Expect.Sequence(
            [1, 2],
            await Sends.SettleAsync(
                scene,
                claim,
                Commits.Completed(claim.Items[0], advances: true) with
                {
                    Cost = 1.5m,
                },
                Commits.NotFound(claim.Items[1], advances: true)));

        Expect.Equal((Status.Completed, (short)1), ((await scene.StateAsync(batch, 1)).Status, (await scene.StateAsync(batch, 1)).Tries));
        Expect.Sequence(
            [(1, 1, StepOutcomeKind.Completed), (2, 1, StepOutcomeKind.NotFound)],
            (await scene.ResultsAsync(batch)).Select(r => (r.Item, r.Attempt, r.Kind)));
        Expect.Equal(
            2,
            await scene.Fixture.CountRawAsync(
                "select count(*) from attempts where ended_at > started_at and outcome in (1, 2) and answer is null"));
        var counts = await scene.ProgressAsync(batch);
        Expect.Equal((0, 0, 2), (counts.Pending, counts.InProgress, counts.Completed));
        Expect.Equal(2, (await scene.ProgressAsync(batch, 2)).Pending);
        Expect.Sequence([1, 2], (await scene.ClaimAsync(batch, 2)).Items.Select(i => i.Item));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Of_a_large_set_each_delivery_is_marked_with_what_it_did(Scene scene)
    {
        const int Items = 600;
        var batch = await scene.BatchAsync(Items);
        var claim = await Sends.SendAsync(scene, batch, limit: Items);
        var delivered = claim.Items.Where(item => item.Item % 2 == 0).ToList();
        await scene.Store.ReceiveAsync([.. delivered.Select(item => Sends.Delivery(claim, item, $"message {item.Item}"))], default);

        var settled = await scene.Store.SettleAsync(
            new(
                claim.Lease.Range,
                [.. claim.Items.Select(item => Commits.Completed(item))],
                [.. claim.Items.Select(item => item.Item % 2 == 0 ? $"message {item.Item}" : null)]),
            default);

        Expect.Sequence(Enumerable.Range(1, Items), settled.Order());
        Expect.Equal(
            delivered.Count,
            await scene.Fixture.CountRawAsync($"select count(*) from inbox where state = {(int)DeliveryState.Applied}"));
        Expect.Equal(Items, (await scene.ResultsAsync(batch)).Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Settling_twice_changes_nothing_the_second_time(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, claim.Items.Select(i => Commits.Completed(i, advances: true)));
        var states = await scene.StatesAsync(batch);

        scene.Clock.Advance(Times.Moment);
        Expect.Empty(
            await Sends.SettleAsync(scene, claim, claim.Items.Select(i => Commits.Completed(i, advances: true, result: """{"other":1}"""))));

        Expect.Sequence(states, await scene.StatesAsync(batch));
        Expect.Equal(2, (await scene.ResultsAsync(batch)).Count);
        Expect.Equal(
            0,
            await scene.Fixture.CountRawAsync("select count(*) from attempts where answer is not null or ended_at > started_at"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Of_many_answers_at_once_one_counts(Scene scene)
    {
        var batch = await scene.BatchAsync(20, stages: 2);
        var claim = await Sends.SendAsync(scene, batch);

        var changed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            Sends.SettleAsync(scene, claim, claim.Items.OrderBy(_ => Guid.NewGuid()).Select(i => Commits.Completed(i, advances: true))))));

        Expect.Sequence(claim.Items.Select(i => i.Item), changed.SelectMany(c => c).Order());
        Expect.Equal(20, (await scene.ResultsAsync(batch)).Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_that_comes_before_the_send_returns_wins(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0], advances: true));

        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Awaiting(claim.Items[0], "call 7")));

        Expect.Equal(Status.Completed, (await scene.StateAsync(batch, 1)).Status);
        Expect.Equal(0, await Sends.OpenAttemptsAsync(scene));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_call_that_goes_on_waiting_keeps_its_reference_and_a_date_before_the_deadline(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch, Sends.Polled);
        var sent = scene.Clock.GetUtcNow();
        var item = claim.Items[0];

        Expect.Sequence([1], await Sends.SettleAsync(scene, claim, Commits.Polling(item, Times.Poll * 2, "call 7")));
        Expect.Equal((DateTimeOffset?)(sent + (Times.Poll * 2)), (await scene.StateAsync(batch, 1)).ActsAt);
        await scene.ExpectHealthyAsync();

        scene.Clock.Advance(Times.Poll);
        Expect.Sequence([1], await Sends.SettleAsync(scene, claim, Commits.Polling(item, Times.Deadline * 3)));
        var state = await scene.StateAsync(batch, 1);
        Expect.Equal(
            (Status.InProgress, "poll", 1, (DateTimeOffset?)(sent + Times.Deadline)),
            (state.Status, state.Reason, state.Attempt, state.ActsAt));
        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                "select count(*) from attempts where reference = 'call 7' and outcome is null and ended_at is null"));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).InProgress);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_earlier_date_of_what_goes_on_waiting_is_seen(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);

        await Sends.SettleAsync(scene, claim, Commits.Polling(claim.Items[0], Times.Moment));

        await scene.ExpectHealthyAsync();
        Expect.Empty(await scene.Store.FindDueTimersAsync([], 10, default));
        scene.Clock.Advance(Times.Moment);
        Expect.Equal(claim.Lease.Range, Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default)));
    }

    public static async Task A_transient_error_puts_the_state_back_to_be_claimed_when_it_is_due(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);

        Expect.Sequence([1], await Sends.SettleAsync(scene, claim, Commits.Retry(claim.Items[0])));

        var state = await scene.StateAsync(batch, 1);
        Expect.Equal(
            (Status.Pending, "retry", (short)1, (DateTimeOffset?)(scene.Clock.GetUtcNow() + Times.Backoff)),
            (state.Status, state.Reason, state.Tries, state.ActsAt));
        var counts = await scene.ProgressAsync(batch);
        Expect.Equal((1, 0), (counts.Pending, counts.InProgress));
        Expect.Equal(0, await Sends.OpenAttemptsAsync(scene));
        Expect.Null(await scene.TryClaimAsync(batch));
        await scene.ExpectHealthyAsync();

        scene.Clock.Advance(Times.Backoff);
        var again = Expect.Single((await scene.ClaimAsync(batch)).Items);
        Expect.Equal((1, (short)1), (again.Attempt, again.Tries));
    }

    public static async Task Silence_fails_the_state_as_unknown_and_counts_it(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);

        Expect.Sequence([1], await Sends.SettleAsync(scene, claim, Commits.Silent(claim.Items[0])));

        var state = await scene.StateAsync(batch, 1);
        Expect.Equal((Status.Failed, (ErrorClass?)ErrorClass.OutcomeUnknown), (state.Status, state.ErrorClass));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Failed);
        Expect.Single(await scene.Store.CompleteBatchesAsync(default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_after_the_deadline_has_failed_the_state_is_kept_on_its_attempt(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Silent(claim.Items[0]));

        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0])));
        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0], result: """{"second":1}""")));

        Expect.Equal(Status.Failed, (await scene.StateAsync(batch, 1)).Status);
        Expect.Empty(await scene.ResultsAsync(batch));
        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                "select count(*) from attempts where outcome = 1 and cast(answer as text) like '%site-1.com%'"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_to_a_failed_attempt_whose_state_has_ended_is_kept_too(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Failed(claim.Items[0]));

        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0])));

        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                $"select count(*) from attempts where outcome = {(int)StepOutcomeKind.Failed} and answer is not null"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task After_a_cancel_an_answer_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0], advances: true)));
        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Awaiting(claim.Items[0])));

        Expect.Equal(Status.Cancelled, Expect.Single(await scene.StatesAsync(batch)).Status);
        Expect.Empty(await scene.ResultsAsync(batch));
        Expect.Equal(0, await Sends.OpenAttemptsAsync(scene));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_call_that_is_answered_at_once_needs_no_lease(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await Sends.SendAsync(scene, batch);
        scene.Clock.Advance(Times.PastTheLease);

        Expect.Sequence(
            [1, 2],
            await Sends.SettleAsync(scene, claim, Commits.Skipped(claim.Items[0]), Commits.RateLimited(claim.Items[1])));

        Expect.Equal((1, 1), ((await scene.ProgressAsync(batch)).Skipped, (await scene.ProgressAsync(batch)).Pending));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_state_that_was_never_sent_is_not_settled(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);

        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0])));
        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Failed(claim.Items[0])));

        Expect.Equal(1, (await scene.ProgressAsync(batch)).Pending);
        await scene.ExpectHealthyAsync();
    }
}
