namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>Lets two calls in flight, of which a host makes one at most; it waits until it is told to end.</summary>
[EnrichmentStep("test.held", "1.0.0", Limits = """{"concurrency": 2}""")]
public sealed class HeldStep : IEnrichmentStep
{
    public static TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        Called.TrySetResult();
        await Answer.Task.WaitAsync(cancellationToken);
        return StepOutcome.NotFound();
    }
}
