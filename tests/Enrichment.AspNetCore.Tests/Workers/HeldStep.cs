namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>Lets one call in flight, which waits until it is told to end: the other items are due and nobody's.</summary>
[EnrichmentStep("test.held", "1.0.0", Limits = """{"concurrency": 1}""")]
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
