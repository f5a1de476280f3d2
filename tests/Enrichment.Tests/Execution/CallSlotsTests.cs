using Enrichment.RateLimiting;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class CallSlotsTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void One_client_may_have_all_but_a_kept_share_which_a_newcomer_gets_at_once()
    {
        var slots = new CallSlots(80, time);

        Assert.Equal(70, TakeAll(slots, "acme"));
        Assert.Equal(10, TakeAll(slots, "globex"));
        Assert.Equal(0, TakeAll(slots, "initech"));
    }

    [Fact]
    public async Task More_slots_are_there_at_once_and_of_fewer_those_above_are_gone_when_they_come_back()
    {
        var slots = new CallSlots(2, time);
        Assert.Equal(2, slots.TryTake("acme", 10));
        Assert.Equal(0, slots.TryTake("acme", 10));
        var returned = slots.Returned;

        slots.Resize(5);

        await returned;
        Assert.Equal(3, slots.TryTake("acme", 10));

        slots.Resize(1);
        slots.Return("acme", 4);
        Assert.Equal(0, slots.TryTake("acme", 10));
        slots.Return("acme", 1);
        Assert.Equal(1, slots.TryTake("acme", 10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Of_few_calls_none_is_kept_and_one_client_may_make_them_all(int most)
    {
        var slots = new CallSlots(most, time);

        Assert.Equal(most, slots.TryTake("acme", 100));
        Assert.Equal(0, slots.TryTake("globex", 100));
    }

    [Fact]
    public void Of_those_who_wait_the_one_with_fewest_calls_in_flight_is_first()
    {
        var slots = new CallSlots(80, time);
        TakeAll(slots, "acme");
        TakeAll(slots, "globex");
        Assert.Equal(0, slots.TryTake("globex", 100));

        slots.Return("acme", 30);

        Assert.Equal(0, slots.TryTake("acme", 100));
        Assert.True(slots.TryTake("globex", 100) > 0);
    }

    [Fact]
    public void One_who_does_not_ask_any_more_keeps_nobody_waiting()
    {
        var slots = new CallSlots(80, time);
        TakeAll(slots, "acme");
        TakeAll(slots, "globex");
        Assert.Equal(0, slots.TryTake("globex", 100));
        slots.Return("acme", 30);

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(slots.TryTake("acme", 100) > 0);
    }

    [Fact]
    public void Slots_come_in_lots_and_fewer_only_after_a_wait()
    {
        var slots = new CallSlots(80, time);
        Assert.Equal(70, slots.TryTake("acme", 100));
        slots.Return("acme", 3);

        Assert.Equal(0, slots.TryTake("acme", 100));
        Assert.Equal(2, slots.TryTake("acme", 2));
        slots.Return("acme", 2);
        Assert.Equal(0, slots.TryTake("acme", 100));
        time.Advance(CallSlots.Patience);

        Assert.Equal(3, slots.TryTake("acme", 100));
    }

    [Fact]
    public async Task A_client_claims_ahead_of_slots_only_while_attempts_are_being_written()
    {
        var slots = new CallSlots(80, time);
        Assert.Equal(70, await slots.TakeAsync("acme", 70, () => { }, TimeSpan.MaxValue, default));
        Assert.True(slots.MayClaim("acme", 100));

        slots.Begin("acme", 70);

        Assert.False(slots.MayClaim("acme", 100));
        Assert.True(slots.MayClaim("globex", 10));
    }

    [Fact]
    public async Task While_claimed_items_wait_for_slots_their_client_claims_nothing_more()
    {
        var slots = new CallSlots(80, time);
        TakeAll(slots, "acme");
        var waits = 0;
        using var stop = new CancellationTokenSource();
        var taking = slots.TakeAsync("acme", 100, () => waits++, TimeSpan.MaxValue, stop.Token);
        slots.Return("acme", 1);

        Assert.False(slots.MayClaim("acme", 1));
        Assert.False(taking.IsCompleted);
        Assert.True(waits > 0);

        slots.Return("acme", 69);

        Assert.Equal(70, await taking);
        Assert.True(slots.MayClaim("acme", 1));
    }

    [Fact]
    public async Task A_claim_that_may_not_wait_longer_gets_none()
    {
        var slots = new CallSlots(8, time);
        TakeAll(slots, "acme");

        Assert.Equal(0, await slots.TakeAsync("acme", 1, () => { }, TimeSpan.Zero, default));
    }

    [Fact]
    public void A_slot_that_is_given_back_wakes_those_that_wait()
    {
        var slots = new CallSlots(8, time);
        TakeAll(slots, "acme");
        var returned = slots.Returned;

        slots.Return("acme", 1);

        Assert.True(returned.IsCompleted);
    }

    private int TakeAll(CallSlots slots, string client)
    {
        var all = 0;
        while (slots.TryTake(client, 100) is var taken && (taken > 0 || Waited(slots, client, out taken)))
        {
            all += taken;
        }

        return all;
    }

    /// <summary>Whether fewer than a lot were to be had.</summary>
    private bool Waited(CallSlots slots, string client, out int taken)
    {
        time.Advance(CallSlots.Patience);
        return (taken = slots.TryTake(client, 100)) > 0;
    }
}
