using System.Threading.Channels;
using Enrichment.Execution;
using Enrichment.Pipelines;
using Enrichment.Providers;
using Enrichment.Storage;
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
        var plan = Plan();
        using var runner = new StepRunner(
            step, plan, item => plan.Context(item, null, time), time, Enumerable.Range(1, Items).Select(number => new ArraySegment<ClaimedItem>([Item(number)])), outcomes.Writer);

        var running = runner.RunAsync(inFlight);
        await step.Reached.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        step.Answer();
        await running.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);

        Assert.Equal(inFlight, step.Most);
        Assert.Equal(Items, outcomes.Reader.Count);
    }

    private static ClaimedItem Item(int number) => new() { Item = number, Generation = 1, Attempt = 0, Tries = 0, Raw = Records.Utf8("[]") };

    private static StagePlan Plan()
    {
        var snapshot = Preflight.Run(new()
        {
            Pipeline = PipelineDefinition.Create("waits", p => p.Step("test.waits")), Steps = new([StepDescriptor.Of<WaitingStep>()]), Workstream = "any", WorkstreamVersion = "1", Fields = [],
        });
        var upload = new Upload
        {
            Key = 1, Id = Guid.Empty, Client = "acme", Workstream = "any", WorkstreamVersion = "1", SizeBytes = 0, Sha256 = ReadOnlyMemory<byte>.Empty, Columns = [],
            HeaderMap = new Dictionary<string, IReadOnlyList<int>>(), Report = "{}", Accepted = Items, Rejected = 0, SealedAt = DateTimeOffset.UnixEpoch,
        };
        var batch = new Batch
        {
            Key = 1, Id = Guid.Empty, Client = "acme", UploadId = Guid.Empty, Upload = 1, Pipeline = "waits", Snapshot = snapshot.ToJson(), LaunchKey = "once", Status = BatchStatus.Running,
            Priority = 10, Version = 1, Items = Items, CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return new(batch, upload, snapshot, 1, new());
    }

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
