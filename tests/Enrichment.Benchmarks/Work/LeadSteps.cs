namespace Enrichment.Benchmarks.Work;

/// <summary>The three vendors of <see cref="LeadAnswers"/>, as pure steps.</summary>
[EnrichmentStep("bench.person", "1.0.0", Reads = ["person.email"], Pure = true)]
internal sealed class PersonStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.CompletedJson(LeadAnswers.Of(1, context.Item, context.Attempt)));
}

[EnrichmentStep("bench.company", "1.0.0", Reads = ["company.name"], Pure = true)]
internal sealed class CompanyStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.CompletedJson(LeadAnswers.Of(2, context.Item, context.Attempt)));
}

[EnrichmentStep("bench.email", "1.0.0", Reads = ["person.email"], Pure = true)]
internal sealed class EmailStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.CompletedJson(LeadAnswers.Of(3, context.Item, context.Attempt)));
}
