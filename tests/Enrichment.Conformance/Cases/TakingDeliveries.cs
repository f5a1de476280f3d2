using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>Deliveries that a host takes to interpret them.</summary>
internal static class TakingDeliveries
{
    public static async Task A_delivery_that_is_taken_is_held_and_comes_again_after_the_hold(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Awaiting(claim.Items[0], "call 7"));
        var delivery = Sends.Delivery(claim, claim.Items[0]);
        var received = scene.Clock.GetUtcNow();
        await scene.Store.ReceiveAsync([delivery], default);

        var taken = Expect.Single(await TakeAsync(scene));
        Expect.Equal(
            (delivery.Attempt, delivery.Message, delivery.Headers, 0),
            (taken.Delivery.Attempt, taken.Delivery.Message, taken.Delivery.Headers, taken.Delivery.TokenHash.Length));
        Expect.Equal(((short)1, (short)0, (string?)"call 7", received), (taken.Generation, taken.Tries, taken.Reference, taken.ReceivedAt));
        Expect.Sequence(delivery.Body.ToArray(), taken.Delivery.Body.ToArray());

        // Whoever took it may have died: until the hold has passed, nobody can tell.
        Expect.Empty(await TakeAsync(scene));
        scene.Clock.Advance(Times.Hold - TimeSpan.FromMilliseconds(1));
        Expect.Empty(await TakeAsync(scene), "a millisecond before the end of the hold");
        scene.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Expect.Equal(delivery.Attempt, Expect.Single(await TakeAsync(scene)).Delivery.Attempt);
    }

    public static async Task Hosts_that_take_at_once_share_what_there_is(Scene scene)
    {
        var batch = await scene.BatchAsync(40);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.ReceiveAsync([.. claim.Items.Select(i => Sends.Delivery(claim, i))], default);

        var taken = (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TakeAsync(scene, limit: 5)))))
            .SelectMany(t => t)
            .ToList();
        while (await TakeAsync(scene, limit: 5) is { Count: > 0 } more)
        {
            taken.AddRange(more);
        }

        Expect.Sequence(Enumerable.Range(1, 40), taken.Select(t => t.Delivery.Attempt.Item).Order());
    }

    public static async Task The_earliest_come_first_and_no_more_than_asked_for(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        var claim = await Sends.SendAsync(scene, batch);
        foreach (var item in claim.Items.Reverse())
        {
            await scene.Store.ReceiveAsync([Sends.Delivery(claim, item, body: new string('x', 100))], default);
            scene.Clock.Advance(Times.Moment);
        }

        Expect.Sequence([4, 3], (await TakeAsync(scene, limit: 2)).Select(t => t.Delivery.Attempt.Item));
        Expect.Sequence(
            [2],
            (await TakeAsync(scene, byteLimit: 10)).Select(t => t.Delivery.Attempt.Item),
            "one at least, however long it is");
        Expect.Sequence([1], (await TakeAsync(scene, byteLimit: 100)).Select(t => t.Delivery.Attempt.Item));
    }

    public static async Task The_bytes_of_what_is_taken_are_bounded(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.ReceiveAsync([.. claim.Items.Select(i => Sends.Delivery(claim, i, body: new string('x', 100)))], default);

        Expect.Equal(2, (await TakeAsync(scene, byteLimit: 250)).Count);
        Expect.Equal(2, (await TakeAsync(scene, byteLimit: 250)).Count);
    }

    public static async Task A_delivery_that_this_host_cannot_interpret_is_left_to_others(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0])], default);

        Expect.Empty(await TakeAsync(scene, except: [(batch.Key, (short)1)]));
        Expect.Single(await TakeAsync(scene, except: [(batch.Key, (short)2), (batch.Key + 1, (short)1)]));
    }

    public static async Task A_delivery_tells_how_long_ago_its_call_was_sent(Scene scene)
    {
        var claim = await Sends.SendAsync(scene, await scene.BatchAsync(1));
        scene.Clock.Advance(TimeSpan.FromHours(30));
        await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0])], default);
        scene.Clock.Advance(TimeSpan.FromMinutes(1));

        Expect.Equal(TimeSpan.FromHours(30), Expect.Single(await TakeAsync(scene)).SinceSent);
    }

    internal static async Task<IReadOnlyList<TakenDelivery>> TakeAsync(
        Scene scene,
        int limit = 100,
        long byteLimit = 1 << 20,
        IReadOnlyCollection<(int, short)>? except = null) =>
        await scene.Store.TakeDeliveriesAsync(except ?? [], limit, byteLimit, Times.Hold, default);
}
