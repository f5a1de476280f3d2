using Enrichment.Execution;
using Enrichment.Outcomes;
using Enrichment.Pipelines;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class StepRunnerTests
{
    private const int Items = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(2 * Items)]
    public async Task Pure_calls_wait_at_once_as_slots_and_pullers_allow_and_no_more(int most)
    {
        // Of forty slots and more an eighth is kept for another client.
        var expected = Math.Min(Items, Environment.ProcessorCount + most - (most / 8));
        var step = new WaitingStep(expected);
        using var outcomes = Queue();
        var slots = new CallSlots(most, new FakeTimeProvider());
        using var runner = Runner(step, slots, outcomes);

        var running = runner.RunAsync();
        await step.Reached.WaitAsync(Wait.Patience, TimeProvider.System);
        step.Answer();
        await running.WaitAsync(Wait.Patience, TimeProvider.System);

        Assert.Equal(expected, step.Most);
        Assert.Equal(Items, await CountAsync(outcomes));
        Assert.Equal(most - (most / 8), slots.TryTake("acme", most));
    }

    [Fact]
    public async Task Only_answers_are_missing_once_every_call_waits_with_a_slot()
    {
        var step = new WaitingStep(Items);
        using var outcomes = Queue();
        using var runner = Runner(step, new(2 * Items, new FakeTimeProvider()), outcomes);

        var running = runner.RunAsync();
        await runner.Begun.WaitAsync(Wait.Patience, TimeProvider.System);
        Assert.True(runner.OnlyWaits);
        step.Answer();
        await running.WaitAsync(Wait.Patience, TimeProvider.System);

        Assert.False(runner.OnlyWaits);
    }

    [Fact]
    public async Task Steps_that_block_their_threads_get_more_threads_up_to_a_bound_and_none_of_the_pools()
    {
        var step = new BlockingStep();
        var time = new FakeTimeProvider();
        using var outcomes = Queue();
        using var runner = Runner(step, new(1000, time), outcomes, time, items: 200);

        var running = runner.RunAsync();
        for (
            var blocked = Environment.ProcessorCount;
            blocked < StepRunner.MostThreads;
            blocked = Math.Min(2 * blocked, StepRunner.MostThreads))
        {
            await step.UntilAsync(blocked);
            time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await step.UntilAsync(StepRunner.MostThreads);
        Assert.False(runner.Begun.IsCompleted);
        step.Answer();
        await running.WaitAsync(Wait.Patience, TimeProvider.System);

        Assert.Equal((StepRunner.MostThreads, false), (step.Most, step.TookThePools));
        Assert.Equal(200, await CountAsync(outcomes));
    }

    [Fact]
    public async Task Calls_that_wait_for_room_are_begun_as_answers_are_written_or_given_back_at_the_stop()
    {
        var step = new WaitingStep(1);
        using var outcomes = Queue(new AnswerBudget(1 << 20, 1 << 14), held: 1 << 20);
        using var runner = Runner(step, new(2 * Items, new FakeTimeProvider()), outcomes);
        var left = new List<int>();

        var running = runner.RunAsync();
        await runner.Begun.WaitAsync(Wait.Patience, TimeProvider.System);
        Assert.Equal(0, step.Most);
        outcomes.Budget.Free(1 << 20);
        await step.Reached.WaitAsync(Wait.Patience, TimeProvider.System);
        outcomes.Budget.Hold(1 << 20);
        runner.Stop(item => left.Add(item.Item));
        step.Answer();
        await running.WaitAsync(Wait.Patience, TimeProvider.System);

        Assert.Equal(Items, left.Count + await CountAsync(outcomes));
    }

    private static OutcomeQueue Queue(AnswerBudget? room = null, long held = 0)
    {
        var account = (room ?? new AnswerBudget(1 << 20, 1 << 14)).Of("acme", "test");
        account.Hold(held);
        return new(account, new() { CommitDelay = TimeSpan.Zero }, TimeProvider.System);
    }

    private static async Task<int> CountAsync(OutcomeQueue outcomes)
    {
        outcomes.Complete();
        var count = 0;
        await foreach (var set in outcomes.ReadSetsAsync(Task.CompletedTask))
        {
            count += set.Count;
        }

        return count;
    }

    private static StepRunner Runner(
        IEnrichmentStep step,
        CallSlots slots,
        OutcomeQueue outcomes,
        FakeTimeProvider? time = null,
        int items = Items)
    {
        var plan = step is BlockingStep ? StagePlans.Of<BlockingStep>() : StagePlans.Of<WaitingStep>();
        var run = new WorkerRun("host", () => new(), new(time ?? new(), NullLogger.Instance, new(TimeProvider.System)));
        var ready = Ready(step);
        return StepRunner.Of(
            new(ready, item => plan.Context(item, null, run.Time)),
            new(plan, ready, outcomes),
            Enumerable.Range(1, items).Select(number => new ArraySegment<ClaimedItem>([Item(number)])),
            new(new(), slots, new(1 << 20, 1 << 14), new CreditStore(run.Time).Credits, run));
    }

    internal static ReadyStep Ready(IEnrichmentStep step) =>
        new(
            new(
                StepDescriptor.Of(StepManifest.Of(step.GetType()), "test", null, _ => step),
                new ServiceCollection().BuildServiceProvider(),
                new(new ServiceCollection())),
            new(null, Redactor.None),
            keepMessages: false);

    private static ClaimedItem Item(int number) =>
        new()
        {
            Item = number,
            Generation = 1,
            Attempt = 0,
            Tries = 0,
            Raw = Records.Utf8("[]"),
        };

    /// <summary>Answers nobody until it is told to, and tells when so many wait.</summary>
    [EnrichmentStep("test.waits", "1.0.0", Pure = true)]
    private sealed class WaitingStep(int expected) : IEnrichmentStep
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock counting = new();
        private int waiting;

        public Task Reached => reached.Task;

        public int Most { get; private set; }

        public void Answer() => answered.SetResult();

        public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            lock (counting)
            {
                Most = Math.Max(Most, ++waiting);
                if (waiting == expected)
                {
                    reached.TrySetResult();
                }
            }

            await answered.Task.WaitAsync(cancellationToken);
            lock (counting)
            {
                waiting--;
            }

            return StepOutcome.NotFound();
        }
    }

    /// <summary>Blocks the thread on which it is called.</summary>
    [EnrichmentStep("test.blocks", "1.0.0", Pure = true)]
    private sealed class BlockingStep : IEnrichmentStep
    {
        private readonly TaskCompletionSource answered = new();
        private readonly Lock changing = new();
        private int blocked;

        public int Most { get; private set; }

        public bool TookThePools { get; private set; }

        public void Answer() => answered.SetResult();

        public Task UntilAsync(int expected) => Wait.UntilAsync(() => Volatile.Read(ref blocked) >= expected);

        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            lock (changing)
            {
                TookThePools |= Thread.CurrentThread.IsThreadPoolThread;
                Most = Math.Max(Most, ++blocked);
            }

            answered.Task.Wait(cancellationToken);
            lock (changing)
            {
                blocked--;
            }

            return new(StepOutcome.NotFound());
        }
    }
}
