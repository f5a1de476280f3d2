using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Conformance.Cases;

internal static class Receiving
{
    public static async Task A_delivery_is_stored_byte_for_byte(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        var body = Enumerable.Range(0, 256).Select(b => (byte)b).ToArray();
        var delivery = Sends.Delivery(claim, claim.Items[0], "id ü\n'\"") with { Body = body };

        Expect.Sequence([true], await scene.Store.ReceiveAsync([delivery], default));

        var stored = Expect.Single(await DeliveriesAsync(scene, batch));
        Expect.Equal(
            (
                delivery.Attempt.Range.Stage,
                delivery.Attempt.Item,
                delivery.Attempt.Attempt,
                delivery.Message,
                DeliveryState.Received,
                (string?)null,
                1,
                scene.Clock.GetUtcNow(),
                delivery.Headers),
            (
                stored.Stage,
                stored.Item,
                stored.Attempt,
                stored.Message,
                stored.State,
                stored.Reason,
                stored.Times,
                stored.ReceivedAt,
                stored.Headers));
        Expect.Sequence(body, stored.Body.ToArray());
        await scene.ExpectHealthyAsync();
    }

    public static async Task Refused_deliveries_are_counted_by_hour_and_reason_for_thirty_days(Scene scene)
    {
        scene.Clock.Advance(TimeSpan.FromDays(60) - (scene.Clock.GetUtcNow() - scene.Clock.GetUtcNow().Date));
        var before = (await scene.Store.ReadRefusedAsync(default)).ToHashSet();
        var hour = new DateTimeOffset(scene.Clock.GetUtcNow().Date, TimeSpan.Zero);
        await scene.Store.NoteRefusedAsync([("a", 3), ("b", 1)], default);
        scene.Clock.Advance(TimeSpan.FromMinutes(59));
        await scene.Store.NoteRefusedAsync([("b", 2)], default);
        var later = scene.Clock.GetUtcNow();
        scene.Clock.Advance(TimeSpan.FromMinutes(1));
        await scene.Store.NoteRefusedAsync([("b", 5)], default);

        Expect.Sequence(
            [new(hour.AddHours(1), "b", 5, hour.AddHours(1)), new(hour, "a", 3, hour), new(hour, "b", 3, later)],
            (await scene.Store.ReadRefusedAsync(default)).Except(before));

        scene.Clock.Advance(TimeSpan.FromDays(30));
        await scene.Store.NoteRefusedAsync([("c", 1)], default);
        Expect.Sequence(["c", "b"], (await scene.Store.ReadRefusedAsync(default)).Select(refusal => refusal.Reason));
    }

    public static async Task A_body_may_be_empty(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);

        Expect.Sequence([true], await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0], body: "")], default));

        Expect.Equal(0, Expect.Single(await DeliveriesAsync(scene, batch)).Body.Length);
        Expect.Equal(0, Expect.Single(await TakingDeliveries.TakeAsync(scene)).Delivery.Body.Length);
    }

    public static async Task A_repeated_delivery_is_counted_and_not_stored_again(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await Sends.SendAsync(scene, batch);
        var delivery = Sends.Delivery(claim, claim.Items[0]);
        var received = scene.Clock.GetUtcNow();

        Expect.Sequence([true, true], await scene.Store.ReceiveAsync([delivery, delivery], default));
        scene.Clock.Advance(Times.Moment);
        Expect.Sequence(
            [true, true],
            await scene.Store.ReceiveAsync([delivery with { Body = new byte[] { 1 } }, Sends.Delivery(claim, claim.Items[1])], default));

        var stored = await DeliveriesAsync(scene, batch);
        Expect.Sequence([(1, 3), (2, 1)], stored.Select(d => (d.Item, d.Times)));
        Expect.Equal((received, """{"status": "done"}"""), (stored[0].ReceivedAt, Encoding.UTF8.GetString(stored[0].Body.Span)));
    }

    public static async Task Deliveries_kept_for_one_attempt_are_bounded_in_bodies_bytes_and_rows(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await Sends.SendAsync(scene, batch);
        var large = new byte[3 * 1024 * 1024];
        var many = Enumerable.Range(1, 300).Select(n => Sends.Delivery(claim, claim.Items[0], $"message {n:000}", $"body {n}")).ToList();

        // The bytes are spent by the second item's third delivery; the bodies of the first by its twenty-first, its rows by its
        // hundred-and-first.
        Expect.That(
            (
                await scene.Store.ReceiveAsync(
                    [.. Enumerable.Range(1, 4).Select(n => Sends.Delivery(claim, claim.Items[1], $"large {n}") with { Body = large })],
                    default)).All(known => known));
        foreach (var set in many.Chunk(50))
        {
            Expect.That((await scene.Store.ReceiveAsync(set, default)).All(known => known), "each is genuine");
        }

        Expect.Sequence([true, true], await scene.Store.ReceiveAsync([many[0], many[99]], default));

        var stored = await DeliveriesAsync(scene, batch);
        var first = stored.Where(d => d.Item == 1).ToDictionary(d => d.Message);
        Expect.Sequence(many.Take(100).Select(d => d.Message).Append("+").Order(StringComparer.Ordinal), first.Keys.Order(StringComparer.Ordinal));
        Expect.Sequence(
            many.Take(20).Select(d => (d.Message, true)),
            first.Values.Where(d => d.State == DeliveryState.Received).Select(d => (d.Message, d.Body.Length > 0)).Order());
        Expect.Equal((200, 2, 2, 1), (first["+"].Times, first["message 001"].Times, first["message 100"].Times, first["message 050"].Times));
        Expect.Equal(
            (DeliveryState.NotKept, "{}", 0, (string?)$"not kept: SHA-256 {Convert.ToHexStringLower(SHA256.HashData("body 21"u8))}, 7 bytes"),
            (first["message 021"].State, first["message 021"].Headers, first["message 021"].Body.Length, first["message 021"].Reason));
        Expect.Sequence(
            [true, true, false, false],
            stored.Where(d => d.Item == 2).OrderBy(d => d.Message, StringComparer.Ordinal).Select(d => d.Body.Length == large.Length));
        Expect.Equal(22, (await TakingDeliveries.TakeAsync(scene, limit: 1000, byteLimit: long.MaxValue)).Count);
        await scene.Store.ReinterpretAsync(batch.Key, default);
        Expect.Empty(await TakingDeliveries.TakeAsync(scene), "what was not kept cannot be read again");
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_first_body_is_kept_whatever_its_size(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        var delivery = Sends.Delivery(claim, claim.Items[0]);
        await scene.Store.ReceiveAsync([delivery with { Body = new byte[9 * 1024 * 1024] }, delivery with { Message = "second" }], default);

        Expect.Sequence(
            [("message 1", 9 * 1024 * 1024), ("second", 0)],
            (await DeliveriesAsync(scene, batch)).OrderBy(d => d.Message, StringComparer.Ordinal).Select(d => (d.Message, d.Body.Length)));
    }

    public static async Task A_late_body_is_kept_for_a_month(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0]));
        scene.Clock.Advance(TimeSpan.FromDays(30));
        await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0], "in time")], default);
        scene.Clock.Advance(Times.Moment);
        await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0], "too late")], default);

        Expect.Sequence(
            [("in time", DeliveryState.Received), ("too late", DeliveryState.NotKept)],
            (await DeliveriesAsync(scene, batch)).OrderBy(d => d.ReceivedAt).Select(d => (d.Message, d.State)));
    }

    public static async Task Many_deliveries_of_the_same_at_once_are_one(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        var claim = await Sends.SendAsync(scene, batch);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            scene.Store.ReceiveAsync([.. claim.Items.OrderBy(_ => Guid.NewGuid()).Select(i => Sends.Delivery(claim, i))], default))));

        Expect.Sequence(Enumerable.Repeat(8, 5), (await DeliveriesAsync(scene, batch)).Select(d => d.Times));
    }

    public static async Task A_forged_delivery_is_refused_and_the_rest_are_stored(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await Sends.SendAsync(scene, batch, limit: 1);
        var genuine = Sends.Delivery(claim, claim.Items[0]);

        Expect.Sequence(
            [false, false, false, true, false],
            await scene.Store.ReceiveAsync(
                [
                    genuine with { TokenHash = Scene.Hash("another token") },
                    genuine with { TokenHash = [] },
                    genuine with { Attempt = genuine.Attempt with { Attempt = 2 } },
                    genuine,
                    genuine with { Attempt = genuine.Attempt with { Item = 2 } },
                ],
                default));

        Expect.Single(await DeliveriesAsync(scene, batch));
    }

    public static async Task An_attempt_that_waits_for_no_delivery_takes_none(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await scene.Store.BeginSendingAsync(claim.Lease, "host", [Commits.Begin(claim.Items[0])], Sends.Polled, default);

        Expect.Sequence(
            [false, false],
            await scene.Store.ReceiveAsync(
                [Sends.Delivery(claim, claim.Items[0]), Sends.Delivery(claim, claim.Items[0]) with { TokenHash = [] }],
                default));
    }

    public static async Task The_effect_of_a_delivery_is_recorded_with_it(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        var item = claim.Items[0];
        await scene.Store.ReceiveAsync([Sends.Delivery(claim, item, "first")], default);
        scene.Clock.Advance(Times.Moment);
        await scene.Store.ReceiveAsync([Sends.Delivery(claim, item, "second")], default);

        Expect.Sequence([1], await Sends.SettleAsync(scene, claim, Commits.Completed(item), "first"));
        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(item), "second"));
        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(item), "first"), "the same again");

        var stored = await DeliveriesAsync(scene, batch);
        Expect.Sequence([("first", DeliveryState.Applied), ("second", DeliveryState.Ignored)], stored.Select(d => (d.Message, d.State)));
        Expect.Null(stored[0].Reason);
        Expect.That(stored[1].Reason!.StartsWith("late", StringComparison.Ordinal), stored[1].Reason!);
        Expect.Empty(await TakingDeliveries.TakeAsync(scene));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_delivery_to_an_old_generation_is_superseded(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Silent(claim.Items[0]));
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);

        Expect.Sequence([true], await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0])], default), "it is genuine");
        Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0]), "message 1"));

        var stored = Expect.Single(await DeliveriesAsync(scene, batch));
        Expect.Equal(DeliveryState.Ignored, stored.State);
        Expect.That(stored.Reason!.StartsWith("superseded", StringComparison.Ordinal), stored.Reason!);
    }

    public static async Task Of_a_set_each_delivery_is_marked_with_what_it_did(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.ReceiveAsync([.. claim.Items.Select(i => Sends.Delivery(claim, i))], default);
        await Sends.SettleAsync(scene, claim, Commits.Failed(claim.Items[1]));

        var settled = await scene.Store.SettleAsync(
            new(claim.Lease.Range, [.. claim.Items.Reverse().Select(i => Commits.Completed(i))], [null, "message 1", "message 1"]),
            default);

        Expect.Sequence([1, 3], settled.Order());
        Expect.Sequence(
            [DeliveryState.Applied, DeliveryState.Ignored, DeliveryState.Received],
            (await DeliveriesAsync(scene, batch)).Select(d => d.State));
    }

    public static async Task A_faulty_delivery_says_why_and_may_be_interpreted_again(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.ReceiveAsync([.. claim.Items.Select(i => Sends.Delivery(claim, i))], default);
        await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[0]), "message 1");
        await Sends.SettleAsync(scene, claim, Commits.Failed(claim.Items[1]));
        await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[1]), "message 1");
        await scene.Store.MarkFaultyAsync(new(claim.Lease.Range, 3, 1), "message 1", "not JSON", default);
        await scene.Store.MarkFaultyAsync(new(claim.Lease.Range, 1, 1), "message 1", "not JSON", default);

        Expect.Empty(await TakingDeliveries.TakeAsync(scene));
        Expect.Sequence(
            [DeliveryState.Applied, DeliveryState.Ignored, DeliveryState.Faulty],
            (await DeliveriesAsync(scene, batch)).Select(d => d.State));
        Expect.Equal("not JSON", (await DeliveriesAsync(scene, batch))[2].Reason);

        Expect.Equal(2, await scene.Store.ReinterpretAsync(batch.Key, default));
        Expect.Sequence([2, 3], (await TakingDeliveries.TakeAsync(scene)).Select(t => t.Delivery.Attempt.Item).Order());
        Expect.That((await DeliveriesAsync(scene, batch)).All(d => d.Reason is null));
        Expect.Equal(0, await scene.Store.ReinterpretAsync(batch.Key + 1, default));
    }

    public static async Task Deliveries_are_read_by_item_and_time(Scene scene)
    {
        var batch = await scene.BatchAsync(1_002);
        var large = await Sends.SendAsync(scene, batch, limit: 1_000);
        var small = await Sends.SendAsync(scene, batch, limit: 1_000);
        var claims = new[] { large, small }
            .SelectMany(c => c.Items, (claim, item) => (Claim: claim, Item: item))
            .Where(c => c.Item.Item is 1 or 2 or 1_000 or 1_001)
            .ToList();
        foreach (var message in new[] { "b", "a" })
        {
            await scene.Store.ReceiveAsync(
                [.. claims.OrderByDescending(c => c.Item.Item).Select(c => Sends.Delivery(c.Claim, c.Item, message))],
                default);
            scene.Clock.Advance(Times.Moment);
        }

        Expect.Sequence(
            [(1, "b"), (1, "a"), (2, "b"), (2, "a"), (1_000, "b"), (1_000, "a"), (1_001, "b"), (1_001, "a")],
            (await DeliveriesAsync(scene, batch)).Select(d => (d.Item, d.Message)));
        Expect.Equal(8, (await TakingDeliveries.TakeAsync(scene)).Count);
    }

    public static async Task The_deliveries_of_a_pruned_batch_go_with_it(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await Sends.SendAsync(scene, batch);
        await scene.Store.ReceiveAsync([.. claim.Items.Select(i => Sends.Delivery(claim, i))], default);
        await Sends.SettleAsync(scene, claim, claim.Items.Select(i => Commits.Completed(i)));
        await scene.Store.CompleteBatchesAsync(default);
        batch = await scene.ReloadAsync(batch);

        Expect.That(await scene.Store.MarkPrunedAsync(batch, """{"by":"test"}""", default));
        await Scene.ToListAsync(scene.Store.DeletePrunedAsync(batch, default));

        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from inbox"));
        Expect.Sequence([false], await scene.Store.ReceiveAsync([Sends.Delivery(claim, claim.Items[0])], default));
        await scene.ExpectHealthyAsync();
    }

    private static Task<List<StoredDelivery>> DeliveriesAsync(Scene scene, Batch batch) =>
        Scene.ToListAsync(scene.Store.ReadDeliveriesAsync(batch.Key, default));
}
