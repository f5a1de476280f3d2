using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class LostLeases
{
    public static async Task A_lease_is_lost_only_after_its_date(Scene scene)
    {
        var claim = await scene.ClaimAsync(await scene.BatchAsync(3), owner: "dead");
        scene.Clock.Advance(Times.Lease - Times.Moment);
        Expect.Empty(await TakeAsync(scene));

        scene.Clock.Advance(Times.Moment * 2);

        var lost = Expect.Single(await TakeAsync(scene));
        Expect.Equal((claim.Lease.Range, claim.Lease.Lo, claim.Lease.Hi), (lost.Range, lost.Lo, lost.Hi));
        Expect.That(lost.Token > claim.Lease.Token);
    }

    public static async Task A_lost_lease_is_taken_by_one_of_many_sweepers(Scene scene)
    {
        var batch = await scene.BatchAsync(2_000);
        for (var i = 0; i < 8; i++)
        {
            await scene.ClaimAsync(batch, limit: 250);
        }

        scene.Clock.Advance(Times.PastTheLease);

        var taken = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(n => Task.Run(() => scene.Store.TakeLostAsync($"sweeper {n}", Times.Lease, all: false, default))));

        Expect.Equal(8, taken.Sum(t => t.Count));
        Expect.Equal(8, taken.SelectMany(t => t).Select(l => (l.Range, l.Lo)).Distinct().Count());
    }

    public static async Task A_host_that_knows_that_no_other_lives_takes_all_leases_of_any_date(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        var claim = await scene.ClaimAsync(batch, owner: "dead");

        var taken = Expect.Single(await TakeAsync(scene, all: true));

        Expect.That(taken.Token > claim.Lease.Token);
        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i))));
    }

    public static async Task A_lost_lease_holds_the_items_that_are_still_open(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[0]), Commits.Retry(claim.Items[3])]);
        await scene.Store.BeginAttemptsAsync(claim.Lease, "host", [Commits.Begin(claim.Items[2])], default);
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await TakeAsync(scene));

        var items = await scene.Store.ReadLostAsync(lost, default);

        Expect.Sequence([new(2, 1, 0, 0, null), new(3, 1, 0, 0, 1), new(4, 1, 1, 1, null), new LostItem(5, 1, 0, 0, null)], items);
    }

    public static async Task Halves_are_claimed_next_and_inherit_their_losses(Scene scene)
    {
        var batch = await scene.BatchAsync(20);
        await scene.ClaimAsync(batch, limit: 10, owner: "dead");
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await TakeAsync(scene));

        await scene.Store.SplitAsync(lost, [lost with { Hi = 5, Losses = 1 }, lost with { Lo = 6, Losses = 1 }], default);

        var (first, second, fresh) = (
            await scene.ClaimAsync(batch, limit: 10),
            await scene.ClaimAsync(batch, limit: 10),
            await scene.ClaimAsync(batch, limit: 10));
        Expect.Equal((1, 5, (short)1), (first.Lease.Lo, first.Lease.Hi, first.Lease.Losses));
        Expect.Sequence([1, 2, 3, 4, 5], first.Items.Select(i => i.Item));
        Expect.Equal((6, 10, (short)1), (second.Lease.Lo, second.Lease.Hi, second.Lease.Losses));
        Expect.Equal((short)0, fresh.Lease.Losses);
        Expect.Sequence(Enumerable.Range(11, 10), fresh.Items.Select(i => i.Item));
        Expect.That(first.Lease.Token > lost.Token && second.Lease.Token > first.Lease.Token);
    }

    public static async Task An_item_that_loses_its_host_alone_is_counted_up_to_its_end(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await scene.ClaimAsync(batch);
        for (short alone = 1; alone <= 3; alone++)
        {
            scene.Clock.Advance(Times.PastTheLease);
            var lost = Expect.Single(await TakeAsync(scene));
            await scene.Store.SplitAsync(lost, [lost with { Losses = alone, Alone = alone }], default);
            var claim = await scene.ClaimAsync(batch);
            Expect.Equal((alone, alone), (claim.Lease.Losses, claim.Lease.Alone));
        }

        scene.Clock.Advance(Times.PastTheLease);
        var last = Expect.Single(await TakeAsync(scene));
        var item = Expect.Single(await scene.Store.ReadLostAsync(last, default));
        await scene.CommitAsync(last, [Commits.Poison(item)], owner: "sweeper");
        await scene.Store.SplitAsync(last, [], default);

        Expect.Equal(
            (Status.Failed, (ErrorClass?)ErrorClass.Poison),
            ((await scene.StateAsync(batch, 1)).Status, (await scene.StateAsync(batch, 1)).ErrorClass));
        Expect.Null(await scene.TryClaimAsync(batch));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Dissolved_into_nothing_its_open_items_are_free_again(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);

        await scene.Store.SplitAsync(Expect.Single(await TakeAsync(scene)), [], default);

        var claim = await scene.ClaimAsync(batch);
        Expect.Sequence([1, 2, 3, 4], claim.Items.Select(i => i.Item));
        Expect.Equal((short)0, claim.Lease.Losses);
    }

    public static async Task A_token_from_before_the_split_is_dead(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        var old = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await TakeAsync(scene));
        await scene.Store.SplitAsync(lost, [lost with { Losses = 1 }], default);
        var outcomes = old.Items.Select(i => Commits.Completed(i)).ToList();

        Expect.Empty(await scene.CommitAsync(old.Lease, outcomes));
        Expect.Empty(await scene.CommitAsync(lost, outcomes));
        Expect.Empty(await scene.Store.BeginAttemptsAsync(lost, "sweeper", [Commits.Begin(old.Items[0])], default));
        Expect.Empty(scene.Store.Renew("sweeper", [lost], Times.Lease));
        var young = await scene.ClaimAsync(batch);
        Expect.Empty(await scene.CommitAsync(old.Lease, outcomes));
        Expect.Equal(4, (await scene.CommitAsync(young.Lease, outcomes)).Count);
    }

    public static async Task A_claim_that_comes_after_a_split_gets_nothing_of_either_half(Scene scene)
    {
        var batch = await scene.BatchAsync(20);
        await scene.ClaimAsync(batch, limit: 10, owner: "dead");
        var early = Expect.Single(await scene.CandidatesAsync(batch));
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await TakeAsync(scene));
        Expect.Equal(early.Token + 1, lost.Token); // The token that the early claim would have won.
        await scene.Store.SplitAsync(lost, [lost with { Hi = 5, Losses = 1 }, lost with { Lo = 6, Losses = 1 }], default);

        Expect.Null(await scene.Store.ClaimAsync(Scene.Claiming(early, batch, owner: "late"), default));

        Expect.Empty(await scene.Store.ReadAgainAsync(Scene.Claiming(early, batch), lost, default));
        var (first, second) = (await scene.ClaimAsync(batch), await scene.ClaimAsync(batch));
        Expect.Equal((1, 6), (first.Lease.Lo, second.Lease.Lo));
    }

    public static async Task A_sweeper_that_dies_before_the_split_loses_the_lease_in_turn(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);
        var first = Expect.Single(await TakeAsync(scene));
        Expect.Empty(await TakeAsync(scene));
        scene.Clock.Advance(Times.PastTheLease);

        var second = Expect.Single(await TakeAsync(scene));
        await scene.Store.SplitAsync(first, [first with { Losses = 9 }], default);
        await scene.Store.SplitAsync(second, [second with { Losses = 2 }], default);

        Expect.Equal((short)2, (await scene.ClaimAsync(batch)).Lease.Losses);
    }

    public static async Task An_interval_without_owner_goes_once_its_last_item_is_answered_from_outside(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var first = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, first, first.Items.Select(item => Commits.Retry(item)));
        scene.Clock.Advance(Times.Backoff);
        var second = await scene.ClaimAsync(batch);
        await scene.Store.SplitAsync(second.Lease, [second.Lease with { Losses = 1 }], default);
        await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[0]));
        await scene.Store.RepairRangesAsync(default);
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from leases"));

        await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[1]));
        await scene.Store.RepairRangesAsync(default);

        // No claim would come for it: nothing is due in its range.
        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from leases"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_paused_batch_keeps_its_lost_intervals_until_it_is_resumed(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        await scene.ClaimAsync(batch);
        await scene.Store.SetPausedAsync(batch.Key, true, default);
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await TakeAsync(scene));
        await scene.Store.SplitAsync(lost, [lost with { Losses = 1 }], default);
        Expect.Null(await scene.TryClaimAsync(batch));

        await scene.Store.SetPausedAsync(batch.Key, false, default);

        Expect.Equal((short)1, (await scene.ClaimAsync(batch)).Lease.Losses);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_worker_may_run_and_gives_its_place_back(Scene scene)
    {
        await using (await scene.Store.AcquireWorkerAsync(_ => { }, default))
        {
        }

        await using var again = await scene.Store.AcquireWorkerAsync(
            reason => throw new ConformanceException($"The place was given back, and yet: {reason}"),
            default);
    }

    public static async Task Where_one_worker_is_admitted_a_second_waits_for_its_place(Scene scene)
    {
        var first = await scene.Store.AcquireWorkerAsync(_ => { }, default);
        List<string> reasons = [];

        var second = scene.Store.AcquireWorkerAsync(reasons.Add, default);

        Expect.Equal(scene.Store.AdmitsOneWorker, !second.IsCompleted);
        Expect.Equal(scene.Store.AdmitsOneWorker ? 1 : 0, reasons.Count);
        await first.DisposeAsync();
        scene.Clock.Advance(Times.PastTheLease);
        await (await second).DisposeAsync();
    }

    private static Task<IReadOnlyList<Lease>> TakeAsync(Scene scene, bool all = false) =>
        scene.Store.TakeLostAsync("sweeper", Times.Lease, all, default);
}
