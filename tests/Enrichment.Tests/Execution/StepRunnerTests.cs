using System.Threading.Channels;
using Enrichment.Execution;
using Enrichment.Pipelines;
using Enrichment.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class StepRunnerTests
{
    private const int Items = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(Items)]
    public async Task As_many_calls_wait_at_once_as_may_and_no_more(int inFlight)
    {
        var step = new WaitingStep(inFlight);
        var outcomes = Channel.CreateUnbounded<ItemCommit>();
        var time = new FakeTimeProvider();
        var plan = StagePlans.Of<WaitingStep>();
        using var runner = new StepRunner(
            Ready(step), plan, item => plan.Context(item, null, time), time, Enumerable.Range(1, Items).Select(number => new ArraySegment<ClaimedItem>([Item(number)])), outcomes.Writer);

        var running = runner.RunAsync(inFlight);
        await step.Reached.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        step.Answer();
        await running.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);

        Assert.Equal(inFlight, step.Most);
        Assert.Equal(Items, outcomes.Reader.Count);
    }

    private static ReadyStep Ready(IEnrichmentStep step) =>
        new(new(StepDescriptor.Of(StepManifest.Of(step.GetType()), "test", null, _ => step), new ServiceCollection().BuildServiceProvider(), new(new ServiceCollection())), new(null, Redactor.None), keepMessages: false);

    private static ClaimedItem Item(int number) => new() { Item = number, Generation = 1, Attempt = 0, Tries = 0, Raw = Records.Utf8("[]") };

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
}
