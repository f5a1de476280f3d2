using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>What waits, for what, and since when.</summary>
internal static class Backlogs
{
    private static readonly LimitKey Limit = LimitKey.Of(null, "vendor");

    public static async Task Nothing_waits_in_a_store_without_open_batches(Scene scene)
    {
        await ExpectAsync(scene, TimeSpan.Zero, TimeSpan.Zero, 0);

        await scene.FinishAsync(await scene.BatchAsync(3));

        await ExpectAsync(scene, TimeSpan.Zero, TimeSpan.Zero, 0);
    }

    public static async Task Items_are_counted_by_what_they_wait_for(Scene scene)
    {
        await scene.BatchAsync(1);
        await scene.Store.SetPausedAsync((await scene.BatchAsync(2)).Key, true, default);
        await CommitAsync(scene, await scene.BatchAsync(3), item => Commits.Retry(item));
        await CommitAsync(scene, await scene.BatchAsync(4), item => Commits.RateLimited(item, Times.Backoff));
        await CommitAsync(
            scene,
            await scene.BatchAsync(5),
            item => Commits.RateLimited(item, Times.Backoff) with { ErrorClass = ErrorClass.OutOfCredits });
        await CommitAsync(scene, await scene.BatchAsync(6), OutcomeRules.NotHere);
        await Sends.SendAsync(scene, await scene.BatchAsync(7));
        await Sends.SendAsync(scene, await scene.BatchAsync(8), Sends.Polled);
        await HandOuts.HandOutAsync(scene, await scene.BatchAsync(9));
        var claim = await scene.ClaimAsync(await scene.BatchAsync(10));
        await EntityScene.WaitAsync(scene, await EntityScene.OpenAsync(scene), claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);

        // The eleventh that is due is the request for which the ten wait.
        await ExpectAsync(
            scene,
            TimeSpan.Zero,
            TimeSpan.Zero,
            0,
            ("callback", 7),
            ("capable_host", 6),
            ("due", 2),
            ("entity", 10),
            ("paused", 2),
            ("poll", 8),
            ("rate_limit", 4),
            ("retry", 3),
            ("vendor_credits", 5),
            ("worker", 9));
    }

    public static async Task Items_at_work_count_as_due_also_where_one_of_them_is_to_be_repeated(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);

        await scene.CommitAsync(claim.Lease, [Commits.Retry(claim.Items[0])]);
        Expect.Null(await scene.TryClaimAsync(batch, owner: "other"), "The next look for work dates the range.");

        await ExpectAsync(scene, TimeSpan.Zero, TimeSpan.Zero, 0, ("due", 3));
    }

    public static async Task Work_that_no_host_takes_is_told_until_one_takes_some_of_it(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        scene.Clock.Advance(Times.Backoff);
        await ExpectAsync(scene, Times.Backoff, Times.Backoff, 0, ("due", 3));

        var claim = await scene.ClaimAsync(batch, limit: 1);
        scene.Clock.Advance(Times.Moment);
        await ExpectAsync(scene, Times.Backoff + Times.Moment, TimeSpan.Zero, 0, ("due", 3));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        await ExpectAsync(scene, Times.Backoff + Times.Moment, Times.Moment, 0, ("due", 3));

        await scene.Store.SetPausedAsync(batch.Key, true, default);
        await ExpectAsync(scene, TimeSpan.Zero, TimeSpan.Zero, 0, ("paused", 3));
    }

    public static async Task Work_that_waits_for_a_host_with_its_step_is_work_that_no_host_takes(Scene scene)
    {
        await CommitAsync(scene, await scene.BatchAsync(2), OutcomeRules.NotHere);
        scene.Clock.Advance(Times.Deadline);

        var backlog = await scene.Store.ReadBacklogAsync(default);

        Expect.Sequence([new("capable_host", 2)], backlog.Waiting);
        Expect.That(backlog.Untaken > Times.Deadline - Times.Backoff, $"untaken for {backlog.Untaken}");
    }

    public static async Task Work_that_a_limit_holds_back_is_the_limits_and_waits_for_no_host(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: false, default);
        scene.Clock.Advance(Times.Moment);

        await scene.Store.PauseLimitAsync(Limit, Times.Poll, failing: false, default);
        await ExpectAsync(scene, Times.Moment, TimeSpan.Zero, 0, ("rate_limit", 2));
        await scene.Store.PauseLimitAsync(Limit, Times.Poll, failing: true, default);
        await ExpectAsync(scene, Times.Moment, TimeSpan.Zero, 1, ("breaker", 2));
        await scene.Store.PauseAccountAsync(Limit, Times.Poll, TimeSpan.Zero, default);
        await ExpectAsync(scene, Times.Moment, TimeSpan.Zero, 1, ("vendor_credits", 2));

        scene.Clock.Advance(Times.Poll);
        await ExpectAsync(scene, Times.Moment + Times.Poll, Times.Moment + Times.Poll, 0, ("due", 2));
    }

    private static async Task CommitAsync(Scene scene, Batch batch, Func<ClaimedItem, StateChange> outcome)
    {
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(outcome));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        Expect.Null(await scene.TryClaimAsync(batch), "The next look for work dates the range.");
    }

    private static async Task ExpectAsync(
        Scene scene,
        TimeSpan oldest,
        TimeSpan untaken,
        int breakers,
        params (string Reason, long Items)[] waiting)
    {
        var backlog = await scene.Store.ReadBacklogAsync(default);
        Expect.Sequence(waiting.Select(one => new WaitingItems(one.Reason, one.Items)), backlog.Waiting);
        Expect.Equal((oldest, untaken, breakers), (backlog.Oldest, backlog.Untaken, backlog.OpenBreakers));
    }
}
