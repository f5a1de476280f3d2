using Enrichment.External;
using Enrichment.Pipelines;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>What vendors allow, kept with external workers.</summary>
internal static class WorkerLimiting
{
    // From one call to the next 20 ms; each may be late by 100 ms, half of which is the worker's.
    private static readonly CallLimits Fifty = new() { Rate = 50, Burst = 10 };
    private static readonly LimitKey Limit = LimitKey.Of(Scene.Client, "python.size");

    public static async Task Workers_are_handed_no_more_than_a_vendor_allows_and_each_call_its_moment(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty);

        var first = await tasks.ClaimAsync("one");
        Expect.Sequence(
            Enumerable.Range(0, 10).Select(call => (Seconds(20 * call), Seconds((20 * call) + 50))),
            first.Items.Select(Moment));
        var second = await tasks.ClaimAsync("two");
        Expect.Sequence(
            Enumerable.Range(10, 10).Select(call => Seconds(20 * call)),
            second.Items.Select(item => item.CallAfterSeconds!.Value));
        Expect.Equal(new(null, TimeSpan.FromMilliseconds(150)), await tasks.OfferAsync("three"));
        scene.Clock.Advance(TimeSpan.FromMilliseconds(150));

        Expect.Equal(Seconds(250), (await tasks.ClaimAsync("three")).Items[0].CallAfterSeconds);
    }

    public static async Task No_worker_is_handed_more_than_five_seconds_of_a_limit(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, new() { Rate = 1 });

        Expect.Equal(5, (await tasks.ClaimAsync()).Items.Count);
    }

    public static async Task Where_a_worker_finds_fewer_items_than_it_asked_for_no_call_is_used_up_for_the_rest(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty, rows: 3);

        Expect.Equal(3, (await tasks.ClaimAsync()).Items.Count);
        Expect.Equal(Seconds(60), (await LeaseAsync(scene)).StartsIn.TotalSeconds);
    }

    public static async Task An_item_whose_condition_does_not_hold_uses_up_no_call(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty, rows: 10, Condition.Contains("company.name", "0"));

        var work = await tasks.ClaimAsync();

        Expect.Sequence([10], work.Items.Select(item => item.Item));
        Expect.Equal(Seconds(20), (await LeaseAsync(scene)).StartsIn.TotalSeconds);
    }

    public static async Task Without_limits_no_moment_is_said(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, limits: null);

        Expect.Equal((null, null), (await tasks.ClaimAsync()).Items[0] is var item ? (item.CallAfterSeconds, item.CallBySeconds) : default);
    }

    public static async Task Other_work_is_looked_for_where_a_limit_has_nothing_to_give(Scene scene)
    {
        using var limited = await LimitedTasks.OpenAsync(scene, Fifty);
        await scene.Store.PauseLimitAsync(Limit, Times.Poll, failing: false, default);
        using var free = await LimitedTasks.OpenAsync(scene, new() { Name = "another" });

        for (var turn = 0; turn < 4; turn++)
        {
            Expect.Equal(free.Batch.Id, (await limited.ClaimAsync(limit: 5)).Batch);
        }
    }

    public static async Task Calls_in_flight_are_counted_with_workers_until_the_last_of_a_block_is_said(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, new() { Concurrency = 5 });
        var (first, second) = (await tasks.ClaimAsync("one"), await tasks.ClaimAsync("two"));
        Expect.Equal((3, 2), (first.Items.Count, second.Items.Count));
        Expect.Equal((0D, PermitRequest.LongestBlock.TotalSeconds), Moment(first.Items[2]));
        Expect.That(await tasks.OfferAsync("three") is { Work: null, RetryAfter: not null });

        await tasks.SayAsync(first, items: ..2);
        Expect.Null((await tasks.OfAnotherHost().OfferAsync("three")).Work);
        await tasks.SayAsync(first);

        Expect.Equal(3, (await tasks.OfAnotherHost().ClaimAsync("three")).Items.Count);
    }

    public static async Task A_worker_that_releases_its_lease_returns_its_calls_in_flight(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, new() { Concurrency = 2 });
        var work = await tasks.ClaimAsync("one");
        Expect.Equal(1, (await tasks.ClaimAsync("two")).Items.Count);

        Expect.Equal(1, await tasks.ReleaseAsync(work));

        Expect.Equal(1, (await tasks.ClaimAsync("three")).Items.Count);
    }

    public static async Task A_worker_that_dies_returns_its_calls_in_flight_and_one_that_renews_keeps_them(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, new() { Concurrency = 4 });
        await tasks.ClaimAsync("dead");
        var alive = await tasks.ClaimAsync("alive");
        scene.Clock.Advance(Times.Lease / 2);
        Expect.That(await tasks.RenewAsync(alive));
        scene.Clock.Advance(Times.Lease / 2);

        Expect.Equal(2, (await tasks.ClaimAsync("three")).Items.Count);
        Expect.Null((await tasks.OfferAsync("four")).Work);
    }

    public static async Task A_pause_that_a_vendor_asks_of_one_worker_holds_for_all_and_costs_no_try(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty);
        var work = await tasks.ClaimAsync(limit: 2);
        await tasks.SayAsync(work, items: 1..);

        Expect.Sequence([work.Items[0].Item], await tasks.SayAsync(work, StepOutcome.RateLimited("429", TimeSpan.FromHours(5)), ..1));

        var refused = await LeaseAsync(scene, "a host");
        Expect.Equal((0L, TimeSpan.FromHours(1)), (refused.Block, refused.Wait));
        Expect.Equal(0, (await scene.StateAsync(tasks.Batch, work.Items[0].Item)).Tries);
        Expect.That(await tasks.OfferAsync() is { Work: null, RetryAfter: { } wait } && wait <= PermitRequest.LongestBlock);
        Expect.Equal(
            (Status.Pending, "rate_limit"),
            await scene.StateAsync(tasks.Batch, 30) is var state ? (state.Status, state.Reason) : default);
        scene.Clock.Advance(refused.Wait);
        Expect.Equal(0D, (await tasks.ClaimAsync()).Items[0].CallAfterSeconds);
    }

    public static async Task A_rate_limit_that_is_said_twice_holds_no_longer(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty);
        var work = await tasks.ClaimAsync(limit: 1);
        await tasks.SayAsync(work, StepOutcome.RateLimited("429", Times.Poll));
        scene.Clock.Advance(Times.Poll + Times.Moment);

        Expect.Empty(await tasks.SayAsync(work, StepOutcome.RateLimited("429", Times.Poll)));

        Expect.That((await LeaseAsync(scene)).Block > 0);
    }

    public static async Task A_vendor_that_goes_on_asking_to_slow_down_is_left_alone_for_twice_as_long_each_time(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty);
        foreach (var seconds in (double[])[1, 2, 4, 8])
        {
            var work = await tasks.OfAnotherHost().ClaimAsync(limit: 2);
            await tasks.SayAsync(work, StepOutcome.RateLimited("429"), ..1);
            await tasks.SayAsync(work, StepOutcome.RateLimited("429"), 1..); // In flight together: that counts once.

            Expect.That((await WaitAsync()).TotalSeconds is var wait && wait >= seconds / 2 && wait <= seconds, $"{wait} s for {seconds}");
            scene.Clock.Advance(await WaitAsync());
        }

        await tasks.SayAsync(await tasks.OfAnotherHost().ClaimAsync(limit: 1));
        scene.Clock.Advance(Times.Moment);
        await tasks.SayAsync(await tasks.OfAnotherHost().ClaimAsync(limit: 1), StepOutcome.RateLimited("429"));

        Expect.That((await WaitAsync()).TotalSeconds is var again && again >= 0.5 && again <= 1, $"{again} s after an answer");

        async Task<TimeSpan> WaitAsync() => (await LeaseAsync(scene)).Wait;
    }

    public static async Task A_failing_vendor_is_asked_by_one_worker_once_and_what_it_says_decides(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty);
        await scene.Store.PauseLimitAsync(Limit, BlockEnd.FirstPause, failing: true, default);
        Expect.Null((await tasks.OfferAsync()).Work);
        Expect.Equal("breaker", (await scene.StateAsync(tasks.Batch, 1)).Reason);
        scene.Clock.Advance(BlockEnd.FirstPause);

        var probe = await tasks.ClaimAsync("one");
        Expect.Equal(1, probe.Items.Count);
        Expect.Null((await tasks.OfAnotherHost().OfferAsync("two")).Work, "a second call beside it");
        await tasks.SayAsync(probe, StepOutcome.Retry("503"));
        Expect.Equal(BlockEnd.FirstPause * 2, (await LeaseAsync(scene)).Wait);
        scene.Clock.Advance(BlockEnd.FirstPause * 2);

        var given = await tasks.ClaimAsync("one");
        await tasks.ReleaseAsync(given);
        var again = await tasks.ClaimAsync("one");
        Expect.Equal(1, again.Items.Count, "after a call that was not made");
        await tasks.SayAsync(again);

        Expect.Equal(10, (await tasks.ClaimAsync("two")).Items.Count);
    }

    public static async Task A_vendor_that_fails_workers_in_a_row_is_left_alone_and_an_answer_begins_the_count_anew(Scene scene)
    {
        using var tasks = await LimitedTasks.OpenAsync(scene, Fifty with { BreakAfter = 5 });
        await tasks.SayAsync(await tasks.ClaimAsync("one", limit: 4), StepOutcome.Retry("503"));
        var answered = await tasks.ClaimAsync("two", limit: 4);
        await tasks.SayAsync(answered, items: ..1);
        await tasks.SayAsync(answered, StepOutcome.Unknown("timed out"));
        await tasks.SayAsync(answered, StepOutcome.Unknown("said twice"));
        scene.Clock.Advance(Times.Moment);
        Expect.That((await LeaseAsync(scene)).Block > 0, "three are not too many");

        await tasks.SayAsync(await tasks.ClaimAsync("one", limit: 2), StepOutcome.Retry("503"));

        Expect.Equal(BlockEnd.FirstPause, (await LeaseAsync(scene)).Wait);
        Expect.Equal("breaker", (await scene.StateAsync(tasks.Batch, 40)).Reason);
        scene.Clock.Advance(BlockEnd.FirstPause);
        Expect.Equal(1, (await tasks.OfAnotherHost().ClaimAsync("one")).Items.Count);
    }

    // The lowest seed stands for all others.
    public static Task Four_workers_use_up_a_limit_never_beyond_its_burst_though_one_dies(Scene scene) =>
        new WorkerLimitWalk(scene, seed: 1).RunAsync();

    private static double Seconds(int milliseconds) => milliseconds / 1000D;

    private static (double, double) Moment(ExternalTaskItem item) => (item.CallAfterSeconds!.Value, item.CallBySeconds!.Value);

    private static Task<LeasedPermits> LeaseAsync(Scene scene, string owner = "host") =>
        scene.Store.LeasePermitsAsync(PermitRequest.Of(Fifty, Limit, Scene.Client, owner, 1, Times.Lease), default);
}
