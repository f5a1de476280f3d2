using Enrichment.Outcomes;

namespace Enrichment.Tests.Execution;

public sealed class AnswerBudgetTests
{
    private const long Bytes = 1600;
    private const long Largest = 25; // By a guess, 10 each.

    [Fact]
    public void Before_the_first_answer_as_many_calls_begin_as_a_client_has_room_for_by_a_guess()
    {
        var account = new AnswerBudget(Bytes, Largest).Of("acme", "step");

        Assert.Equal(140, Begin(account));
    }

    [Fact]
    public void Before_the_first_answer_fewer_calls_begin_where_answers_may_be_larger() =>
        Assert.Equal(14, Begin(new AnswerBudget(Bytes, 10 * Largest).Of("acme", "step")));

    [Fact]
    public void After_it_as_many_begin_as_answers_of_its_size_find_room()
    {
        var account = new AnswerBudget(Bytes, Largest).Of("acme", "step");
        Assert.True(account.TryBegin());
        account.End(200);

        Assert.Equal(7, Begin(account));
    }

    [Fact]
    public void Calls_in_flight_are_expected_anew_once_an_answer_tells_more()
    {
        var account = new AnswerBudget(Bytes, Largest).Of("acme", "step");
        Assert.Equal(140, Begin(account));

        account.End(1);

        Assert.Equal(1400 - 139, Begin(account));
    }

    [Fact]
    public void Calls_of_a_step_with_small_answers_need_no_room_until_one_is_large()
    {
        var account = Known(new AnswerBudget(10 * 65_536, Largest), "acme", 10);
        Assert.True(account.NeedsNone);
        Assert.Equal((0, 11), (account.Counted(10), account.Counted(11)));

        account.Learn(10);
        Assert.True(account.NeedsNone);
        account.Learn(1000);

        Assert.False(account.NeedsNone);
    }

    [Fact]
    public void An_answer_that_is_held_leaves_less_room_until_it_is_written()
    {
        var account = Known(new AnswerBudget(Bytes, Largest), "acme", 200);
        account.Hold(800);
        Assert.Equal(3, Begin(account));

        account.Free(800);

        Assert.Equal(4, Begin(account));
    }

    [Fact]
    public void Garbage_of_large_answers_is_collected_before_it_is_a_multiple_of_the_budget()
    {
        var collected = 0;
        var account = new AnswerBudget(bytes: 4_000_000, largest: 1_000_000, () => collected++).Of("acme", "step");
        for (var answer = 1; answer <= 24; answer++)
        {
            account.Hold(500_000);
            account.Free(500_000);
            Assert.Equal(answer / 2, collected);
        }

        for (var answer = 0; answer < 1000; answer++)
        {
            account.Hold(80_000);
            account.Free(80_000);
        }

        Assert.Equal(12, collected);
    }

    [Fact]
    public void One_call_may_always_be_made_however_large_its_answer()
    {
        var account = Known(new AnswerBudget(Bytes, Largest), "acme", 10 * Bytes);

        Assert.Equal(1, Begin(account));
    }

    [Fact]
    public void A_client_that_has_all_it_may_keeps_no_other_from_calling()
    {
        var room = new AnswerBudget(Bytes, Largest);
        Begin(Known(room, "acme", 200));

        Assert.Equal(1, Begin(Known(room, "globex", 200)));
    }

    [Fact]
    public void Newer_answers_change_what_is_expected()
    {
        var account = Known(new AnswerBudget(Bytes, Largest), "acme", 800);
        for (var call = 0; call < 40; call++)
        {
            Assert.True(account.TryBegin());
            account.End(100);
        }

        Assert.InRange(Begin(account), 12, 14);
    }

    [Fact]
    public async Task Calls_that_wait_begin_in_their_order_as_room_is_freed()
    {
        var account = Known(new AnswerBudget(Bytes, Largest), "acme", 200);
        Begin(account);
        var waiting = Enumerable.Range(0, 3).Select(_ => account.BeginAsync(default)).ToList();
        Assert.DoesNotContain(waiting, begin => begin.IsCompleted);

        account.End(null);
        account.End(null);

        Assert.True(await waiting[0]);
        Assert.True(await waiting[1]);
        Assert.False(waiting[2].IsCompleted);
    }

    [Fact]
    public async Task A_call_whose_wait_is_ended_takes_no_room()
    {
        var account = Known(new AnswerBudget(Bytes, Largest), "acme", 200);
        Begin(account);
        using var stop = new CancellationTokenSource();
        var waiting = account.BeginAsync(stop.Token);

        await stop.CancelAsync();

        Assert.False(await waiting);
        account.End(null);
        Assert.Equal(1, Begin(account));
    }

    [Fact]
    public void A_call_without_an_answer_says_nothing_of_sizes()
    {
        var account = Known(new AnswerBudget(Bytes, Largest), "acme", 200);
        Assert.True(account.TryBegin());
        account.End(null);

        Assert.Equal(7, Begin(account));
    }

    private static AnswerBudget.Account Known(AnswerBudget room, string client, long size)
    {
        var account = room.Of(client, $"step of {size}");
        if (account.TryBegin())
        {
            account.End(size);
        }

        return account;
    }

    /// <summary>Begins calls until one does not fit. Returns how many.</summary>
    private static int Begin(AnswerBudget.Account account)
    {
        var calls = 0;
        while (account.TryBegin())
        {
            calls++;
        }

        return calls;
    }
}
