using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Sending
{
    public static async Task A_sent_state_is_in_progress_with_its_attempt_its_date_and_its_counters(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);

        Expect.Sequence([1, 2], await SendAsync(scene, claim, claim.Items.Take(2), Sends.Answered));

        var now = scene.Clock.GetUtcNow();
        foreach (var item in new[] { 1, 2 })
        {
            var state = await scene.StateAsync(batch, item);
            Expect.Equal(
                (Status.InProgress, 1, "callback", (DateTimeOffset?)(now + Times.Deadline)),
                (state.Status, state.Attempt, state.Reason, state.ActsAt));
        }

        var counts = await scene.ProgressAsync(batch);
        Expect.Equal((1, 2), (counts.Pending, counts.InProgress));
        Expect.Equal(
            2,
            await scene.Fixture.CountRawAsync(
                "select count(*) from attempts where outcome is null and attempt = 1 and token is not null and deadline_at is not null"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_call_that_is_polled_says_so_and_when(Scene scene)
    {
        var batch = await scene.BatchAsync(1);

        await Sends.SendAsync(scene, batch, Sends.Polled);

        var state = await scene.StateAsync(batch, 1);
        Expect.Equal(("poll", (DateTimeOffset?)(scene.Clock.GetUtcNow() + Times.Poll)), (state.Reason, state.ActsAt));
    }

    public static async Task A_sent_state_is_no_leases_any_more(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);
        await SendAsync(scene, claim, claim.Items.Take(1), Sends.Answered);

        Expect.Sequence([2], (await scene.ReadAgainAsync(claim, batch)).Select(i => i.Item));
        Expect.Sequence([2], await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i))));
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default), "nothing due is left in the lease");

        scene.Clock.Advance(Times.Deadline * 2);
        Expect.Null(await scene.TryClaimAsync(batch));
        Expect.Equal(Status.InProgress, (await scene.StateAsync(batch, 1)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_batch_with_a_call_out_is_not_over(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await Sends.SendAsync(scene, batch);

        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        Expect.That(await scene.HasOpenWorkAsync());
        Expect.Equal(0, await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default));
    }

    public static async Task An_attempt_is_sent_once(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);

        var sent = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => SendAsync(scene, claim, claim.Items, Sends.Answered))));

        Expect.Equal(1, Expect.Single(sent.SelectMany(s => s)));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).InProgress);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Nothing_is_sent_under_a_stale_or_expired_lease(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);

        Expect.Empty(
            await SendAsync(scene, claim with { Lease = claim.Lease with { Token = claim.Lease.Token + 1 } }, claim.Items, Sends.Answered));
        scene.Clock.Advance(Times.PastTheLease);
        Expect.Empty(await SendAsync(scene, claim, claim.Items, Sends.Answered));

        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
        Expect.Equal(2, (await scene.ProgressAsync(batch)).Pending);
    }

    public static async Task Nothing_is_sent_for_a_state_that_is_done_or_was_claimed_otherwise(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[0])]);
        AttemptStart[] starts =
        [
            Sends.Start(claim.Items[0]),
            Sends.Start(claim.Items[1]) with
            {
                Attempt = 2,
            },
            Sends.Start(claim.Items[2]) with
            {
                Generation = 2,
            },
        ];

        Expect.Empty(await scene.Store.BeginSendingAsync(claim.Lease, "host", starts, Sends.Answered, default));
    }

    public static async Task A_call_that_a_lost_host_sent_waits_for_its_answer_and_not_for_the_sweep(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);
        await SendAsync(scene, claim, claim.Items.Take(1), Sends.Answered);
        scene.Clock.Advance(Times.PastTheLease);

        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        Expect.Sequence([2], (await scene.Store.ReadLostAsync(lost, default)).Select(i => i.Item));
        await scene.Store.SplitAsync(lost, [lost], default);

        Expect.Equal(1, await Sends.OpenAttemptsAsync(scene));
        await scene.ExpectHealthyAsync();
        Expect.Sequence([1], await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0])));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Cancelling_closes_what_is_out_as_unknown(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await Sends.SendAsync(scene, batch, limit: 1);

        Expect.That(await scene.Store.CancelAsync(batch.Key, default) is not null);

        Expect.Equal(0, await Sends.OpenAttemptsAsync(scene));
        Expect.Equal(1, await scene.Fixture.CountRawAsync(
            $"select count(*) from attempts where outcome = {(int)StepOutcomeKind.Unknown} and error = 'The item was cancelled while the call was out.'"));
        var counts = await scene.ProgressAsync(batch);
        Expect.Equal((0, 0, 2), (counts.Pending, counts.InProgress, counts.Cancelled));
        await scene.ExpectHealthyAsync();
    }

    private static async Task<IReadOnlyList<int>> SendAsync(
        Scene scene,
        Claim claim,
        IEnumerable<ClaimedItem> items,
        Storage.Sending sending) => [.. (await scene.Store.BeginSendingAsync(claim.Lease, "host", [.. items.Select(Sends.Start)], sending, default)).Order()];
}
