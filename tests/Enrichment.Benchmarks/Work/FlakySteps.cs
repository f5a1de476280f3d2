namespace Enrichment.Benchmarks.Work;

/// <summary>The three steps again, where every second item fails once with an error that passes.</summary>
[EnrichmentStep(
    "bench.flaky.one",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.normalized_name=/normalized_company_name"],
    Pure = true)]
internal sealed class FirstFlakyStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Flaky.For(context, "company.name");
}

[EnrichmentStep("bench.flaky.two", "1.0.0", Reads = ["person.email"], Produces = ["person.seniority=/seniority"], Pure = true)]
internal sealed class SecondFlakyStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Flaky.For(context, "person.email");
}

[EnrichmentStep(
    "bench.flaky.three",
    "1.0.0",
    Reads = ["company.normalized_name", "person.seniority"],
    Produces = ["company.city=/city"],
    Pure = true)]
internal sealed class ThirdFlakyStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        Flaky.For(context, "company.normalized_name", "person.seniority");
}

internal static class Flaky
{
    /// <summary>Calls for each transition: every item once, every second one again.</summary>
    public const double CallsPerTransition = 1.5;

    public static ValueTask<StepOutcome> For(StepContext context, params ReadOnlySpan<string> fields) =>
        context.Attempt == 1 && context.Item % 2 == 0
            ? new(StepOutcome.Retry("The vendor answered 503."))
            : AnswerOnce.For(context, fields);
}
