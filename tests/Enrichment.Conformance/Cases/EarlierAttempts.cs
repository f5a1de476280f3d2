using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class EarlierAttempts
{
    public static async Task An_answer_to_an_earlier_attempt_completes_a_state_that_is_to_be_tried_again(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var first = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(
            scene,
            first,
            Commits.Silent(first.Items[0], Status.Pending) with
            {
                Waits = WaitReason.Retry,
                Delay = Times.Backoff,
            });
        await scene.ExpectHealthyAsync();

        Expect.Sequence([1], await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[0], advances: true)));

        Expect.Equal(Status.Completed, (await scene.StateAsync(batch, 1)).Status);
        Expect.Equal(1, Expect.Single(await scene.ResultsAsync(batch)).Attempt);
        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                "select count(*) from attempts where outcome = 1 and answer is null and error is null and error_class is null"));
        var counts = await scene.ProgressAsync(batch);
        Expect.Equal((0, 0, 1), (counts.Pending, counts.InProgress, counts.Completed));
        await scene.ExpectHealthyAsync();
    }

    public static async Task It_completes_one_that_a_host_holds_and_the_host_can_change_it_no_more(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var first = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, first, Commits.Retry(first.Items[0]));
        scene.Clock.Advance(Times.Backoff);
        var second = await scene.ClaimAsync(batch);

        Expect.Sequence([1], await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[0], advances: true)));

        Expect.Empty(await scene.Store.BeginSendingAsync(second.Lease, "host", [Sends.Start(second.Items[0])], Sends.Answered, default));
        Expect.Empty(await scene.CommitAsync(second.Lease, [Commits.Completed(second.Items[0], advances: true)]));
        await scene.Store.ReleaseAsync(second.Lease, evenIfDue: false, default);
        Expect.Equal(
            (1, StepOutcomeKind.Completed),
            (Expect.Single(await scene.ResultsAsync(batch)).Attempt, Expect.Single(await scene.ResultsAsync(batch)).Kind));
        await scene.ExpectHealthyAsync();
    }

    public static async Task It_completes_one_that_is_out_with_a_later_attempt(Scene scene)
    {
        var (batch, first, second) = await TwiceAsync(scene);

        Expect.Sequence([1], await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[0], advances: true)));

        var state = await scene.StateAsync(batch, 1);
        Expect.Equal((Status.Completed, 2), (state.Status, state.Attempt));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from workflow_states where result_attempt = 1"));
        Expect.Equal(1, Expect.Single(await scene.ResultsAsync(batch)).Attempt);
        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                $"select count(*) from attempts where attempt = 2 and outcome = {(int)StepOutcomeKind.Unknown}"));
        var counts = await scene.ProgressAsync(batch);
        Expect.Equal((0, 0, 1), (counts.Pending, counts.InProgress, counts.Completed));
        await scene.ExpectHealthyAsync();

        // The later answer was paid for too, and says what became of its call.
        Expect.Empty(await Sends.SettleAsync(scene, second, Commits.Completed(second.Items[0], advances: true)));
        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync("select count(*) from attempts where attempt = 2 and outcome = 1 and answer is not null"));
        Expect.Single(await scene.ResultsAsync(batch));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_error_to_an_earlier_attempt_only_closes_that_attempt(Scene scene)
    {
        var (batch, first, _) = await TwiceAsync(scene);
        var before = await scene.StateAsync(batch, 1);

        Expect.Empty(await Sends.SettleAsync(scene, first, Commits.Failed(first.Items[0])));
        Expect.Empty(await Sends.SettleAsync(scene, first, Commits.Awaiting(first.Items[0])));
        Expect.Empty(await Sends.SettleAsync(scene, first, Commits.Skipped(first.Items[0], advances: true)));

        Expect.Equal(before, await scene.StateAsync(batch, 1));
        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                $"select count(*) from attempts where attempt = 1 and outcome = {(int)StepOutcomeKind.Failed}"));
        Expect.Equal(1, await Sends.OpenAttemptsAsync(scene));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_to_a_later_attempt_than_the_states_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);

        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0]) with { Attempt = 2 }));

        Expect.Equal(Status.InProgress, (await scene.StateAsync(batch, 1)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task After_an_operators_retry_an_answer_to_the_old_generation_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var old = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, old, Commits.Silent(old.Items[0]));
        Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default));

        Expect.Empty(await Sends.SettleAsync(scene, old, Commits.Completed(old.Items[0], advances: true)));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Pending);

        var again = await Sends.SendAsync(scene, batch);
        Expect.Empty(await Sends.SettleAsync(scene, old, Commits.Completed(old.Items[0], advances: true)));
        Expect.Equal(
            (Status.InProgress, 2, (short)2),
            (
                (await scene.StateAsync(batch, 1)).Status,
                (await scene.StateAsync(batch, 1)).Attempt,
                (await scene.StateAsync(batch, 1)).Generation));
        await scene.ExpectHealthyAsync();

        Expect.Sequence([1], await Sends.SettleAsync(scene, again, Commits.Completed(again.Items[0], advances: true)));
        await scene.WorkAsync(batch, 2);
        await scene.ExpectHealthyAsync();
    }

    // A call that was answered by an error, and its second attempt, which is out.
    private static async Task<(Batch Batch, Claim First, Claim Second)> TwiceAsync(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var first = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(
            scene,
            first,
            Commits.Silent(first.Items[0], Status.Pending) with
            {
                Waits = WaitReason.Retry,
                Delay = Times.Backoff,
            });
        scene.Clock.Advance(Times.Backoff);
        return (batch, first, await Sends.SendAsync(scene, batch));
    }
}
