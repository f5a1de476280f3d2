namespace Enrichment.Benchmarks.Work;

/// <summary>The three steps again, noting when each call begins.</summary>
[EnrichmentStep(
    "bench.timed.one",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.normalized_name=/normalized_company_name"],
    Pure = true)]
internal sealed class FirstTimedStep(StartLog log) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        log.Add(context, 1);
        return AnswerOnce.For(context, "company.name");
    }
}

[EnrichmentStep("bench.timed.two", "1.0.0", Reads = ["person.email"], Produces = ["person.seniority=/seniority"], Pure = true)]
internal sealed class SecondTimedStep(StartLog log) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        log.Add(context, 2);
        return AnswerOnce.For(context, "person.email");
    }
}

[EnrichmentStep(
    "bench.timed.three",
    "1.0.0",
    Reads = ["company.normalized_name", "person.seniority"],
    Produces = ["company.city=/city"],
    Pure = true)]
internal sealed class ThirdTimedStep(StartLog log) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        log.Add(context, 3);
        return AnswerOnce.For(context, "company.normalized_name", "person.seniority");
    }
}
