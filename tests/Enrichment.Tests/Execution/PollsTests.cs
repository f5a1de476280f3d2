using Enrichment.Outcomes;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;
using Enrichment.TestKit;
using Enrichment.Timers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class PollsTests
{
    private const int Items = 5;
    private const int Room = 1 << 20;

    [Fact]
    public async Task Polls_are_made_once_there_is_room_for_their_answers()
    {
        var (step, room) = (new PolledStep(), new AnswerBudget(Room, Room / 64));
        using var polls = Make(step, room);
        polls.Outcomes.Budget.Hold(Room);

        var running = polls.RunAsync([.. Enumerable.Range(1, Items).Select(Item)], default);
        Assert.Equal(0, step.Polls);
        polls.Outcomes.Budget.Free(Room);
        await running.WaitAsync(Wait.Patience, TimeProvider.System);

        Assert.Equal(Items, step.Polls);
    }

    [Fact]
    public async Task A_poll_that_waits_for_room_is_given_up_at_the_stop_and_its_slot_is_free_again()
    {
        var (step, room) = (new PolledStep(), new AnswerBudget(Room, Room / 64));
        var slots = new CallSlots(Items, new FakeTimeProvider());
        Assert.Equal(Items, slots.TryTake("acme", Items));
        using var polls = Make(step, room, slots);
        polls.Outcomes.Budget.Hold(Room);
        using var stop = new CancellationTokenSource();

        var running = polls.RunAsync([.. Enumerable.Range(1, Items).Select(Item)], stop.Token);
        await stop.CancelAsync();
        await running.WaitAsync(Wait.Patience, TimeProvider.System);

        Assert.Equal((0, Items), (step.Polls, slots.TryTake("acme", Items)));
    }

    private static Polls Make(PolledStep step, AnswerBudget room, CallSlots? slots = null)
    {
        var run = new WorkerRun("host", () => new(), new(TimeProvider.System, NullLogger.Instance, new(TimeProvider.System)));
        var free = slots ?? new CallSlots(Items, run.Time);
        if (slots is null)
        {
            Assert.Equal(Items, free.TryTake("acme", Items));
        }

        return new(
            StagePlans.Of<PolledStep>(),
            StepRunnerTests.Ready(step),
            new(new(), free, room, new CreditStore(run.Time).Credits, run));
    }

    private static DueTimer Item(int number) => new(number, 1, 1, 0, "job", Overdue: false, KeyGeneration: 1);

    [EnrichmentStep("test.polled", "1.0.0", SafeToRepeat = true, PollSeconds = 30, DeadlineSeconds = 3600)]
    private sealed class PolledStep : IEnrichmentStep, IPollingStep
    {
        private int polls;

        public int Polls => polls;

        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.AwaitingPoll("job"));

        public ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref polls);
            return new(StepOutcome.NotFound());
        }
    }
}
