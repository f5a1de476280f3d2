using Enrichment.Execution;
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
    public void A_host_that_may_make_one_call_makes_it()
    {
        var slots = new CallSlots(1, time);

        Assert.Equal(1, slots.TryTake("acme", 100));
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
        Assert.Equal([35, 18, 9, 8], Enumerable.Range(0, 4).Select(_ => slots.TryTake("acme", 100)));
        slots.Return("acme", 3);

        Assert.Equal(0, slots.TryTake("acme", 100));
        Assert.Equal(2, slots.TryTake("acme", 2));
        slots.Return("acme", 2);
        Assert.Equal(0, slots.TryTake("acme", 100));
        time.Advance(CallSlots.Patience);

        Assert.Equal(3, slots.TryTake("acme", 100));
    }

    [Fact]
    public void What_is_given_back_wakes_those_who_wait()
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
