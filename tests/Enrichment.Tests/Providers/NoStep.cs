namespace Enrichment.Tests.Providers;

/// <summary>A step that is only described, never run.</summary>
internal abstract class NoStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.Skipped("it is never run"));
}
