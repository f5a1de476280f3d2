using Enrichment.Pipelines;
using Enrichment.RateLimiting;
using Enrichment.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

/// <summary>What a host makes of the blocks that it leased. That hosts keep a limit together is shown by the conformance suite.</summary>
public sealed class DistributedRateLimiterTests
{
    private readonly FakeTimeProvider time = new();
    private readonly LimitStore store = new();

    [Fact]
    public async Task A_block_counts_as_in_flight_while_it_is_used_or_promised_and_is_else_left_to_lapse()
    {
        var gate = Gate(new() { Concurrency = 10 });
        store.Blocks.Enqueue(new(1, 5, TimeSpan.Zero, default));
        var turn = await gate.AcquireAsync(5, default);
        Assert.Equal([1L], gate.Held.Select(held => held.Block));

        var slot = await turn!.EnterAsync();
        turn.Dispose();
        Assert.Equal([1L], gate.Held.Select(held => held.Block));
        slot!.End();

        Assert.Empty(gate.Held);
        await gate.ReturnAsync();
        Assert.Equal([1L], store.Ends.Select(end => end.Block.Block));
    }

    [Fact]
    public async Task A_job_that_was_answered_on_this_host_lets_it_ask_for_the_place_at_once()
    {
        var gate = Gate(new() { Concurrency = 1 });
        Assert.Null(await gate.AcquireAsync(1, default));
        Assert.True(gate.Rest > TimeSpan.Zero);

        gate.Freed();

        Assert.Equal(TimeSpan.Zero, gate.Rest);
        store.Blocks.Enqueue(new(1, 1, TimeSpan.Zero, default));
        Assert.NotNull(await gate.AcquireAsync(1, default));
    }

    [Fact]
    public async Task A_vendor_that_asks_to_wait_is_heeded_although_nothing_could_be_had_for_longer()
    {
        var gate = Gate(new() { Rate = 20 });
        store.Blocks.Enqueue(new(1, 100, TimeSpan.Zero, default));
        using var turn = await gate.AcquireAsync(100, default);
        var slot = await turn!.EnterAsync();
        Assert.Null(await gate.AcquireAsync(100, default)); // The store has nothing for a second.

        slot!.Note(StepOutcome.RateLimited("429", TimeSpan.FromMilliseconds(100)));
        slot.End();
        time.Advance(TimeSpan.FromMilliseconds(50));

        Assert.Null(await turn.EnterAsync());
        await gate.ReturnAsync();
        Assert.InRange(Assert.Single(store.Pauses), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Calls_that_were_in_flight_together_say_once_that_they_are_too_many()
    {
        var gate = Gate(new() { Rate = 1000, Burst = 1000 });
        store.Blocks.Enqueue(new(1, 10, TimeSpan.Zero, default));
        using var turn = await gate.AcquireAsync(10, default);
        time.Advance(TimeSpan.FromMilliseconds(10));
        List<Permit> slots = [(await turn!.EnterAsync())!, (await turn.EnterAsync())!, (await turn.EnterAsync())!];

        slots.ForEach(slot => slot.Note(StepOutcome.RateLimited("429")));
        slots.ForEach(slot => slot.End());
        turn.Dispose();
        await gate.ReturnAsync();
        Assert.InRange(Assert.Single(store.Pauses), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));

        // The next time it is told so after the pause, it waits for twice as long.
        time.Advance(TimeSpan.FromSeconds(2));
        store.Blocks.Enqueue(new(2, 1, TimeSpan.Zero, default));
        using var next = await gate.AcquireAsync(1, default);
        var again = await next!.EnterAsync();
        again!.Note(StepOutcome.RateLimited("429"));
        again.End();
        await gate.ReturnAsync();
        Assert.InRange(store.Pauses[1], TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task A_pause_that_nobody_asked_for_lasts_an_hour_at_most()
    {
        var gate = Gate(new() { Rate = 20 }, new() { MaxTries = 3, BaseDelay = TimeSpan.FromDays(1), MaxDelay = TimeSpan.FromDays(1) });
        store.Blocks.Enqueue(new(1, 1, TimeSpan.Zero, default));
        using var turn = await gate.AcquireAsync(1, default);
        var slot = await turn!.EnterAsync();

        slot!.Note(StepOutcome.RateLimited("429"));
        slot.End();
        await gate.ReturnAsync();

        Assert.Equal([RetryPolicy.LongestRetryAfter], store.Pauses);
    }

    [Fact]
    public async Task The_end_of_a_block_says_how_many_calls_failed_since_the_last_answer()
    {
        var gate = Gate(new() { Concurrency = 10, BreakAfter = 5 });
        store.Blocks.Enqueue(new(1, 4, TimeSpan.Zero, default));
        var turn = await gate.AcquireAsync(4, default);
        foreach (
            var said in new[]
            {
                StepOutcome.Retry("503"),
                StepOutcome.NotFound(),
                StepOutcome.Retry("503"),
                StepOutcome.Unknown("timed out"),
            })
        {
            var slot = await turn!.EnterAsync();
            slot!.Note(said);
            slot.End();
        }

        turn!.Dispose();
        await gate.ReturnAsync();

        Assert.True(Assert.Single(store.Ends) is { Answered: true, Failed: true, Failures: 2, BreakAfter: 5 });
    }

    private DistributedRateLimiter Gate(CallLimits limits, RetryPolicy? retry = null) =>
        new(
            store,
            new(time, NullLogger.Instance),
            LimitKey.Of("acme", "vendor"),
            limits,
            retry ?? new() { MaxTries = 3, BaseDelay = TimeSpan.FromMilliseconds(100) },
            "acme",
            new("host", () => new() { Lease = TimeSpan.FromSeconds(30) }, new(time, NullLogger.Instance, new(time))));
}
