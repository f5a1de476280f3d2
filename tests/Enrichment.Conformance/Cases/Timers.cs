using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Timers
{
    public static async Task Only_timers_that_have_reached_their_date_are_taken(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var polled = await Sends.SendAsync(scene, batch, Sends.Polled, limit: 2);
        await Sends.SendAsync(scene, batch, Sends.Answered);
        await Sends.SettleAsync(scene, polled, Commits.Polling(polled.Items[0], Times.Poll, "call 1"));

        Expect.Empty(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Empty(await scene.Store.TakeDueTimersAsync(polled.Lease.Range, 10, Times.Hold, default));
        await scene.ExpectHealthyAsync();

        scene.Clock.Advance(Times.Poll);
        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Equal(polled.Lease.Range, range);
        Expect.Sequence(
            [
                new DueTimer(1, 1, 1, 0, "call 1", false, 1) { SinceSent = Times.Poll },
                new(2, 1, 1, 0, null, false, 1) { SinceSent = Times.Poll },
            ],
            (await scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default)).OrderBy(w => w.Item));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_timer_that_was_taken_is_held_and_found_again_after_the_hold(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await Sends.SendAsync(scene, batch, Sends.Polled);
        scene.Clock.Advance(Times.Poll);
        Expect.Sequence([1, 2], await TakeDueTimersAsync(scene));

        Expect.Empty(await TakeDueTimersAsync(scene));
        Expect.Equal((DateTimeOffset?)(scene.Clock.GetUtcNow() + Times.Hold), (await scene.StateAsync(batch, 1)).ActsAt);
        await scene.ExpectHealthyAsync();

        scene.Clock.Advance(Times.Hold);
        Expect.Sequence([1, 2], await TakeDueTimersAsync(scene));
    }

    public static async Task Hosts_that_wake_at_once_share_what_there_is(Scene scene)
    {
        var batch = await scene.BatchAsync(60);
        await Sends.SendAsync(scene, batch, Sends.Polled);
        scene.Clock.Advance(Times.Poll);
        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));

        var taken = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default))));

        var items = taken.SelectMany(w => w).Select(w => w.Item).ToList();
        Expect.Equal(items.Distinct().Count(), items.Count);
        await scene.ExpectHealthyAsync();
        while (await TakeDueTimersAsync(scene) is { Count: > 0 } more)
        {
            items.AddRange(more);
        }

        Expect.Sequence(Enumerable.Range(1, 60), items.Order());
    }

    public static async Task The_earliest_come_first_and_the_rest_stays_to_be_found(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await Sends.SendAsync(scene, batch, Sends.Polled);
        await Sends.SettleAsync(scene, claim, claim.Items.Select(i => Commits.Polling(i, Times.Poll - (i.Item * Times.Moment))));
        scene.Clock.Advance(Times.Poll);

        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Sequence([3, 2], (await scene.Store.TakeDueTimersAsync(range, 2, Times.Hold, default)).Select(w => w.Item));
        await scene.ExpectHealthyAsync();
        Expect.Sequence([1], await TakeDueTimersAsync(scene));
        Expect.Empty(await scene.Store.FindDueTimersAsync([], 10, default));
    }

    public static async Task A_stage_that_a_host_cannot_poll_hides_no_other(Scene scene)
    {
        var (first, second) = (await scene.BatchAsync(1), await scene.BatchAsync(1));
        var before = (await Sends.SendAsync(scene, first, Sends.Polled)).Lease.Range;
        scene.Clock.Advance(Times.Moment);
        var behind = (await Sends.SendAsync(scene, second, Sends.Polled)).Lease.Range;
        scene.Clock.Advance(Times.Poll);

        Expect.Equal(before, Expect.Single(await scene.Store.FindDueTimersAsync([], 1, default)));
        Expect.Equal(behind, Expect.Single(await scene.Store.FindDueTimersAsync([(before.Batch, before.Stage)], 1, default)));
        Expect.Empty(await scene.Store.FindDueTimersAsync([(before.Batch, before.Stage), (behind.Batch, behind.Stage)], 1, default));
    }

    public static async Task No_client_hides_anothers_ranges_behind_its_own(Scene scene)
    {
        var first = (await Sends.SendAsync(scene, await scene.BatchAsync(1), Sends.Polled)).Lease.Range;
        var second = (await Sends.SendAsync(scene, await scene.BatchAsync(1), Sends.Polled)).Lease.Range;
        scene.Clock.Advance(Times.Moment);
        var other = (await Sends.SendAsync(scene, await scene.LaunchAsync(await scene.UploadAsync(1, "globex")), Sends.Polled)).Lease.Range;
        scene.Clock.Advance(Times.Poll);

        var found = await scene.Store.FindDueTimersAsync([], 2, default);
        Expect.That(found.Contains(other), "the other client's range is among the first two");
        Expect.Sequence([first, second, other], (await scene.Store.FindDueTimersAsync([], 3, default)).OrderBy(range => range.Batch));
    }

    public static async Task A_call_past_its_deadline_is_overdue(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await Sends.SendAsync(scene, batch, Sends.Polled, limit: 1);
        scene.Clock.Advance(Times.Poll);
        await Sends.SendAsync(scene, batch, Sends.Polled, limit: 1);
        scene.Clock.Advance(Times.Deadline - Times.Moment);

        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Sequence(
            [(1, true), (2, false)],
            (await scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default)).Select(w => (w.Item, w.Overdue)));
    }

    public static async Task A_call_with_an_unread_answer_is_not_overdue_until_it_is_read(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await Sends.SendAsync(scene, batch);
        Expect.Sequence(
            [true, true],
            await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0]), Sends.Delivery(claim, claim.Items[1])], default));
        scene.Clock.Advance(Times.Deadline);

        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Sequence(
            [(1, false), (2, false), (3, true)],
            (await scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default)).Select(w => (w.Item, w.Overdue)).Order());

        // Read, but not understood: nothing keeps it from being overdue then.
        await scene.Store.MarkFaultyAsync(Sends.Delivery(claim, claim.Items[1]).Attempt, "message 1", "no JSON", default);
        scene.Clock.Advance(Times.Hold);
        range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Sequence(
            [(1, false), (2, true), (3, true)],
            (await scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default)).Select(w => (w.Item, w.Overdue)).Order());
    }

    public static async Task A_call_that_is_sent_between_finding_and_taking_timers_is_not_hidden(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var first = await Sends.SendAsync(scene, batch, Sends.Polled, limit: 1);
        scene.Clock.Advance(Times.Poll);
        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));

        // As many as were there when the range was found, and one that acts before the hold is over.
        await Sends.SettleAsync(scene, first, Commits.Completed(first.Items[0]));
        await Sends.SendAsync(scene, batch, Sends.Polled with { ActsAfter = Times.Moment }, limit: 1);
        Expect.Empty(await scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default));

        await scene.ExpectHealthyAsync();
        scene.Clock.Advance(Times.Moment);
        Expect.Sequence([2], await TakeDueTimersAsync(scene));
    }

    public static async Task Nothing_is_hidden_or_lost_while_all_happens_at_once(Scene scene)
    {
        var batch = await scene.BatchAsync(48, stages: 2);
        var claim = await Sends.SendAsync(scene, batch, Sends.Polled);
        var range = claim.Lease.Range;
        scene.Clock.Advance(Times.Poll);

        await Task.WhenAll(claim.Items.Select(item => Task.Run(async () =>
        {
            await scene.Store.TakeDueTimersAsync(range, 5, TimeSpan.Zero, default);
            await Sends.SettleAsync(scene, claim, Commits.Polling(item, Times.Moment));
            await scene.Store.TakeDueTimersAsync(range, 5, Times.Hold, default);
            if (item.Item % 2 == 0)
            {
                Expect.Sequence([item.Item], await Sends.SettleAsync(scene, claim, Commits.Completed(item, advances: true)));
            }
        })));

        Expect.Equal((24, 24), ((await scene.ProgressAsync(batch)).Completed, (await scene.ProgressAsync(batch)).InProgress));
        await scene.ExpectHealthyAsync();
        scene.Clock.Advance(Times.Hold);
        Expect.Sequence(claim.Items.Select(i => i.Item).Where(i => i % 2 == 1), await TakeDueTimersAsync(scene));
    }

    public static async Task A_batch_that_is_cancelled_has_no_due_timers(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await Sends.SendAsync(scene, batch, Sends.Polled);
        await scene.Store.CancelAsync(batch.Key, default);
        scene.Clock.Advance(Times.Deadline);

        Expect.Empty(await scene.Store.FindDueTimersAsync([], 10, default));
    }

    public static async Task A_range_that_lost_its_date_is_dated_anew_by_the_sweep(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await Sends.SendAsync(scene, batch, Sends.Polled, limit: 2);
        await scene.Fixture.ExecuteRawAsync("update ranges set acts_at = null, due_at = null");

        Expect.Equal(1, await scene.Store.RepairRangesAsync(default));
        Expect.Equal(0, await scene.Store.RepairRangesAsync(default));

        await scene.ExpectHealthyAsync();
        Expect.Sequence([3], (await scene.ClaimAsync(batch)).Items.Select(i => i.Item));
        scene.Clock.Advance(Times.Poll);
        Expect.Sequence([1, 2], await TakeDueTimersAsync(scene));
    }

    private static async Task<IReadOnlyList<int>> TakeDueTimersAsync(Scene scene)
    {
        var taken = new List<int>();
        foreach (var range in await scene.Store.FindDueTimersAsync([], 10, default))
        {
            taken.AddRange((await scene.Store.TakeDueTimersAsync(range, 100, Times.Hold, default)).Select(w => w.Item));
        }

        return [.. taken.Order()];
    }
}
