using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Limiting
{
    // Fifty a second.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(100);

    internal static readonly LimitKey Limit = LimitKey.Of(null, "vendor");

    public static async Task Blocks_of_a_limit_follow_each_other_at_its_rate_whoever_asks(Scene scene)
    {
        Expect.Equal(new(1, 10, TimeSpan.Zero, TimeSpan.Zero), await LeaseAsync(scene));
        Expect.Equal(new(2, 10, Gap * 10, TimeSpan.Zero), await LeaseAsync(scene, client: "globex", owner: "other"));
        Expect.Equal(
            new(1, 10, TimeSpan.Zero, TimeSpan.Zero),
            await LeaseAsync(scene, limit: LimitKey.Of("acme", "vendor")),
            "another limit's first block");
    }

    public static async Task Permits_further_ahead_than_asked_for_are_not_given_and_the_time_to_ask_again_is_told(Scene scene)
    {
        await LeaseAsync(scene, calls: 20);
        var refused = await LeaseAsync(scene);
        Expect.Equal((0, Ahead), (refused.Block, (Gap * 20) - refused.Wait));

        scene.Clock.Advance(refused.Wait);

        Expect.Equal(new(2, 10, Ahead, TimeSpan.Zero), await LeaseAsync(scene));
    }

    public static async Task An_unused_block_lapses(Scene scene)
    {
        await LeaseAsync(scene);
        scene.Clock.Advance(Times.Moment);

        Expect.Equal(TimeSpan.Zero, (await LeaseAsync(scene)).StartsIn);
        Expect.Equal(Gap * 10, (await LeaseAsync(scene)).StartsIn);
    }

    public static async Task The_last_calls_of_a_block_that_were_not_made_are_others_unless_what_follows_is_given_away(Scene scene)
    {
        var first = await LeaseAsync(scene);
        await ReturnAsync(scene, first, unused: 4);
        await ReturnAsync(scene, first, unused: 4);
        var second = await LeaseAsync(scene, calls: 1);
        Expect.Equal(Gap * 6, second.StartsIn);

        var third = await LeaseAsync(scene, calls: 4);
        await ReturnAsync(scene, second, unused: 1);

        Expect.Equal(Gap * 7, third.StartsIn);
        Expect.Equal(Gap * 11, (await LeaseAsync(scene)).StartsIn);
    }

    public static async Task Calls_in_flight_are_counted_over_all_hosts_and_one_host_is_given_half_of_them(Scene scene)
    {
        var first = await LeaseAsync(scene, calls: 100, gap: TimeSpan.Zero, concurrency: 5);
        var second = await LeaseAsync(scene, calls: 100, gap: TimeSpan.Zero, concurrency: 5, owner: "other");
        Expect.Equal((3, 2), (first.Calls, second.Calls));
        var refused = await LeaseAsync(scene, calls: 100, gap: TimeSpan.Zero, concurrency: 5);
        Expect.That(refused.Block == 0 && refused.Wait > TimeSpan.Zero);

        await ReturnAsync(scene, second);

        Expect.Equal(2, (await LeaseAsync(scene, calls: 100, gap: TimeSpan.Zero, concurrency: 5)).Calls);
    }

    public static async Task A_host_that_dies_returns_its_calls_in_flight_with_its_lease_and_one_that_lives_keeps_them(Scene scene)
    {
        var dead = await LeaseAsync(scene, calls: 2, gap: TimeSpan.Zero, concurrency: 4);
        var alive = await LeaseAsync(scene, calls: 2, gap: TimeSpan.Zero, concurrency: 4, owner: "other");
        scene.Clock.Advance(Times.Lease / 2);
        scene.Store.RenewBlocks("other", [new(Limit, alive.Block), new(Limit, dead.Block)], Times.Lease);
        scene.Clock.Advance(Times.Lease / 2);

        Expect.Equal(2, (await LeaseAsync(scene, calls: 100, gap: TimeSpan.Zero, concurrency: 4)).Calls);
        Expect.Equal(0, (await LeaseAsync(scene, calls: 100, gap: TimeSpan.Zero, concurrency: 4)).Block);
    }

    public static async Task A_client_that_was_given_more_than_others_reaches_less_far_ahead(Scene scene)
    {
        await LeaseAsync(scene, calls: 5, client: "acme");
        await LeaseAsync(scene, calls: 5, client: "globex");
        await LeaseAsync(scene, calls: 1, client: "globex");

        var refused = await LeaseAsync(scene, client: "globex");
        Expect.Equal((0, (Gap * 11) - Lead), (refused.Block, refused.Wait));
        Expect.Equal(Gap * 11, (await LeaseAsync(scene, calls: 1, client: "acme")).StartsIn, "for who has had less");
        Expect.Equal(Gap * 12, (await LeaseAsync(scene, calls: 1, client: "initech")).StartsIn, "for who has had nothing");

        scene.Clock.Advance((Gap * 13) - Lead);
        Expect.Equal(Lead, (await LeaseAsync(scene, client: "globex")).StartsIn, "before anything is left unused");
    }

    public static async Task The_calls_given_to_a_client_are_forgotten_after_the_window(Scene scene)
    {
        await LeaseAsync(scene, calls: 1, client: "acme");
        await LeaseAsync(scene, calls: 10, client: "globex");
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        await LeaseAsync(scene, calls: 10, client: "globex");

        Expect.Equal(Gap * 10, (await LeaseAsync(scene, client: "globex")).StartsIn);
        Expect.Equal(2L, await scene.Fixture.CountRawAsync("select count(*) from permit_blocks"), "the blocks that are kept");
    }

    public static async Task A_pause_holds_for_every_host_the_longer_stays_and_what_follows_begins_after_it(Scene scene)
    {
        await LeaseAsync(scene);
        await scene.Store.PauseLimitAsync(Limit, TimeSpan.FromSeconds(10), failing: false, default);
        await scene.Store.PauseLimitAsync(Limit, TimeSpan.FromSeconds(2), failing: false, default);

        var refused = await LeaseAsync(scene, owner: "other");
        Expect.Equal((0, TimeSpan.FromSeconds(10)), (refused.Block, refused.Wait));
        scene.Clock.Advance(TimeSpan.FromSeconds(10));

        Expect.Equal(new(2, 10, TimeSpan.Zero, TimeSpan.Zero), await LeaseAsync(scene));
        Expect.Equal(Gap * 10, (await LeaseAsync(scene)).StartsIn);
    }

    public static async Task A_limit_may_be_paused_before_its_first_block(Scene scene)
    {
        await scene.Store.PauseLimitAsync(Limit, Times.Moment, failing: false, default);

        Expect.Equal(Times.Moment, (await LeaseAsync(scene)).Wait);
    }

    public static async Task After_the_pause_of_a_failing_vendor_one_call_is_let_through_and_decides(Scene scene)
    {
        var pause = BlockEnd.FirstPause;
        await scene.Store.PauseLimitAsync(Limit, pause, failing: true, default);
        scene.Clock.Advance(pause);
        var probe = await LeaseAsync(scene);
        Expect.Equal(1, probe.Calls);
        Expect.Equal(0, (await LeaseAsync(scene, owner: "other")).Block, "a second call beside it");
        await scene.Store.PauseLimitAsync(Limit, pause * 100, failing: true, default); // Heard late, from calls of before: nothing new.

        await ReturnAsync(scene, probe, failed: true);
        Expect.Equal(pause * 2, (await LeaseAsync(scene)).Wait, "the second pause");
        scene.Clock.Advance(pause * 2);
        await ReturnAsync(scene, await LeaseAsync(scene), unused: 1);
        var again = await LeaseAsync(scene);
        Expect.Equal(1, again.Calls, "after a call that was not made");

        await ReturnAsync(scene, again, answered: true);

        Expect.Equal(10, (await LeaseAsync(scene)).Calls);
    }

    public static async Task Failures_of_all_hosts_are_counted_together_until_one_of_them_is_answered(Scene scene)
    {
        await EndAsync("one", failures: 2);
        await EndAsync("two", failures: 2);
        await EndAsync("one", failures: 1, answered: true);
        await EndAsync("two", failures: 3);
        Expect.That((await LeaseAsync(scene, calls: 1)).Block > 0, "four one after the other");
        scene.Clock.Advance(Times.Moment);

        await EndAsync("one", failures: 1);

        Expect.Equal(BlockEnd.FirstPause - Times.Moment, (await LeaseAsync(scene)).Wait);
        scene.Clock.Advance(BlockEnd.FirstPause);
        var probe = await LeaseAsync(scene);
        Expect.Equal(1, probe.Calls);
        await ReturnAsync(scene, probe, answered: true);
        await EndAsync("two", failures: 4);
        Expect.That((await LeaseAsync(scene)).Block > 0, "what follows is counted anew");

        async Task EndAsync(string owner, int failures, bool answered = false)
        {
            var block = await LeaseAsync(scene, calls: 1, owner: owner);
            await scene.Store.ReturnPermitsAsync(
                new(new(Limit, block.Block), Unused: 0, answered, Failed: true) { Failures = failures, BreakAfter = 5 },
                default);
            scene.Clock.Advance(Times.Moment);
        }
    }

    public static async Task A_failing_vendor_is_asked_again_if_the_host_that_asked_has_died(Scene scene)
    {
        await scene.Store.PauseLimitAsync(Limit, Times.Moment, failing: true, default);
        scene.Clock.Advance(Times.Moment);
        await LeaseAsync(scene);
        Expect.Equal(TimeSpan.FromSeconds(1), (await LeaseAsync(scene)).Wait, "when to ask again: the answer may come any moment");
        scene.Clock.Advance(Times.Lease - TimeSpan.FromSeconds(1));
        Expect.Equal(TimeSpan.FromSeconds(1), (await LeaseAsync(scene)).Wait);
        scene.Clock.Advance(TimeSpan.FromSeconds(1));

        Expect.Equal(1, (await LeaseAsync(scene)).Calls);
    }

    public static async Task A_failing_vendor_that_asks_to_slow_down_has_answered(Scene scene)
    {
        await scene.Store.PauseLimitAsync(Limit, Times.Moment, failing: true, default);
        scene.Clock.Advance(Times.Moment);
        var probe = await LeaseAsync(scene);
        await scene.Store.PauseLimitAsync(Limit, Times.Poll, failing: false, default);
        await ReturnAsync(scene, probe);

        Expect.Equal(Times.Poll, (await LeaseAsync(scene)).Wait);
        scene.Clock.Advance(Times.Poll);
        Expect.Equal(10, (await LeaseAsync(scene)).Calls);
    }

    public static async Task Each_pause_that_a_vendor_asks_workers_for_is_twice_the_last_until_a_host_is_answered(Scene scene)
    {
        await SlowDownAsync(null, then: Times.Moment, TimeSpan.Zero);
        await SlowDownAsync(null, then: Times.Moment * 2, TimeSpan.Zero);
        await SlowDownAsync(Times.Moment / 2, then: Times.Moment / 2, TimeSpan.Zero); // It says for how long, and is counted.
        await SlowDownAsync(null, then: Times.Moment * 8, TimeSpan.Zero);
        await SlowDownAsync(null, then: Times.Moment * 10, Times.Moment);
        await SlowDownAsync(null, then: Times.Moment * 9, TimeSpan.Zero, begins: false); // Asked during that pause.
        scene.Clock.Advance(Times.Moment * 9);
        await ReturnAsync(scene, await LeaseAsync(scene), answered: true);
        scene.Clock.Advance(Times.Moment);

        await SlowDownAsync(null, then: Times.Moment, TimeSpan.Zero);

        async Task SlowDownAsync(TimeSpan? asked, TimeSpan then, TimeSpan after, bool begins = true)
        {
            Expect.Equal(begins, (await LeaseAsync(scene)).Block > 0);
            await scene.Store.SlowDownAsync(Limit, asked, Times.Moment, Times.Moment * 10, default);
            Expect.Equal(then, (await LeaseAsync(scene)).Wait);
            scene.Clock.Advance(begins && after == TimeSpan.Zero ? then : after);
        }
    }

    public static async Task A_failing_vendor_that_asks_workers_to_slow_down_has_answered(Scene scene)
    {
        await scene.Store.PauseLimitAsync(Limit, Times.Moment, failing: true, default);
        scene.Clock.Advance(Times.Moment);
        var probe = await LeaseAsync(scene);
        await scene.Store.SlowDownAsync(Limit, Times.Poll, Times.Moment, Times.Moment, default);
        await ReturnAsync(scene, probe);

        scene.Clock.Advance((await LeaseAsync(scene)).Wait);
        Expect.Equal(10, (await LeaseAsync(scene)).Calls);
    }

    public static async Task Rows_that_a_limit_keeps_from_being_sent_say_so_and_those_that_are_sent_do_not(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: false, default);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: false, default);
        Expect.Equal("due", (await scene.StateAsync(batch, 1)).Reason);
        Expect.Equal(new StageLimit(1, Limit.Name, null, null), Expect.Single(await scene.Store.ReadLimitsAsync(batch.Key, default)));

        await LeaseAsync(scene);
        var claim = await scene.ClaimAsync(batch, limit: 1);
        var until = scene.Clock.GetUtcNow() + (Gap * 10);
        Expect.Equal((Status.Queued, "due"), await StandsAsync(1));
        Expect.Equal((Status.Pending, "rate_limit"), await StandsAsync(2));
        Expect.Equal(until, (await scene.StateAsync(batch, 2)).ActsAt);
        Expect.Equal(
            new StageLimit(1, Limit.Name, "rate_limit", until),
            Expect.Single(await scene.Store.ReadLimitsAsync(batch.Key, default)));

        await scene.CommitAsync(claim.Lease, [Commits.Retry(claim.Items[0])]);
        Expect.Equal((Status.Pending, "retry"), await StandsAsync(1));
        await scene.Store.PauseLimitAsync(Limit, Times.Poll, failing: true, default);
        Expect.Equal((Status.Pending, "breaker"), await StandsAsync(2));
        await scene.Store.SetPausedAsync(batch.Key, paused: true, default);
        Expect.Equal((Status.Pending, "paused"), await StandsAsync(2));
        await scene.Store.SetPausedAsync(batch.Key, paused: false, default);
        scene.Clock.Advance(Times.Poll);
        Expect.Equal((Status.Pending, "due"), await StandsAsync(2));

        async Task<(Status, string?)> StandsAsync(int item) =>
            await scene.StateAsync(batch, item) is var state ? (state.Status, state.Reason) : default;
    }

    public static async Task Rows_say_so_too_while_all_calls_are_in_flight(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: false, default);
        var block = await LeaseAsync(scene, gap: TimeSpan.Zero, concurrency: 1);
        Expect.Equal("rate_limit", (await scene.StateAsync(batch, 1)).Reason);
        Expect.Equal(
            new StageLimit(1, Limit.Name, "rate_limit", null),
            Expect.Single(await scene.Store.ReadLimitsAsync(batch.Key, default)));

        await ReturnAsync(scene, block);

        Expect.Equal("due", (await scene.StateAsync(batch, 1)).Reason);
    }

    public static async Task A_call_that_was_sent_keeps_its_place_until_it_is_answered_and_rows_say_so(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: true, default);
        await ReturnAsync(scene, await LeaseJobAsync(scene, calls: 1));
        var first = await Sends.SendAsync(scene, batch, Sends.Polled, limit: 1);
        var second = await LeaseJobAsync(scene);
        Expect.Equal(1, second.Calls);
        await Sends.SendAsync(scene, batch, Sends.Polled, limit: 1);
        await ReturnAsync(scene, second);

        Expect.Equal(0, (await LeaseJobAsync(scene)).Block);
        Expect.Equal("rate_limit", (await scene.StateAsync(batch, 3)).Reason);
        Expect.Equal(
            new StageLimit(1, Limit.Name, "rate_limit", null),
            Expect.Single(await scene.Store.ReadLimitsAsync(batch.Key, default)));
        await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[0]));

        Expect.Equal(1, (await LeaseJobAsync(scene)).Calls);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_host_that_waits_for_sent_calls_is_told_when_the_next_is_polled_but_never_late(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: true, default);
        await Sends.SendAsync(scene, batch, new(WaitReason.Poll, Times.Deadline, TimeSpan.FromSeconds(20)));

        Expect.Equal(TimeSpan.FromSeconds(15), (await LeaseJobAsync(scene)).Wait);
        scene.Clock.Advance(TimeSpan.FromSeconds(10));
        Expect.Equal(TimeSpan.FromSeconds(10), (await LeaseJobAsync(scene)).Wait);
        scene.Clock.Advance(TimeSpan.FromSeconds(20));
        Expect.Equal(TimeSpan.FromSeconds(1), (await LeaseJobAsync(scene)).Wait);
    }

    public static async Task A_sent_call_of_a_stage_that_counts_calls_in_flight_alone_keeps_no_place(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: true, default);
        await Sends.SendAsync(scene, batch, Sends.Answered);
        Expect.Equal(0, (await LeaseJobAsync(scene)).Block);

        await scene.Store.BindLimitAsync(batch.Key, 1, Limit, untilAnswered: false, default);

        Expect.Equal(1, (await LeaseJobAsync(scene)).Calls);
    }

    public static async Task Hosts_that_ask_at_once_for_a_limit_that_nobody_knew_are_given_different_times(Scene scene)
    {
        var leased = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(host => Task.Run(() => LeaseAsync(scene, calls: 1, owner: $"host {host}", client: $"client {host}"))));

        var given = leased.Where(block => block.Block > 0).ToList();
        Expect.That(given.Count > 0);
        Expect.Sequence(Enumerable.Range(0, given.Count).Select(n => Gap * n), given.Select(block => block.StartsIn).Order());
        Expect.Equal(given.Count, given.Select(block => block.Block).Distinct().Count());
    }

    // The lowest seeds stand for all others.
    public static async Task Four_hosts_and_three_clients_use_up_a_shared_limit_alike_though_a_host_dies(Scene scene)
    {
        for (var seed = 1; seed <= 2; seed++)
        {
            var walk = new LimitWalk(scene, seed);
            // Without a test framework's context, so that a step of the clock ends when all that it calls up has run.
            await Task.Run(walk.RunAsync);
        }
    }

    internal static Task<LeasedPermits> LeaseAsync(
        Scene scene,
        int calls = 10,
        string client = "acme",
        string owner = "host",
        TimeSpan? gap = null,
        int concurrency = 0,
        LimitKey? limit = null) =>
        scene.Store.LeasePermitsAsync(
            new()
            {
                Limit = limit ?? Limit,
                Client = client,
                Owner = owner,
                Calls = calls,
                Gap = gap ?? Gap,
                Concurrency = concurrency,
                Ahead = Ahead,
                Lead = Lead,
                Window = TimeSpan.FromSeconds(5),
                Lease = Times.Lease,
            },
            default);

    private static Task<LeasedPermits> LeaseJobAsync(Scene scene, int calls = 10) =>
        LeaseAsync(scene, calls, gap: TimeSpan.Zero, concurrency: 2);

    private static Task ReturnAsync(Scene scene, LeasedPermits block, int unused = 0, bool answered = false, bool failed = false) =>
        scene.Store.ReturnPermitsAsync(new(new(Limit, block.Block), unused, answered, failed), default);
}
