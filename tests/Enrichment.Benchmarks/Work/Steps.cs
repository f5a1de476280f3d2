namespace Enrichment.Benchmarks.Work;

/// <summary>
/// The three steps of W(N, 3): they do nothing but answer, and the third reads what the first two said. Once pure, once with effects
/// outside.
/// </summary>
[EnrichmentStep(
    "bench.one",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.normalized_name=/normalized_company_name"],
    Pure = true)]
internal sealed class FirstStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        AnswerOnce.For(context, "company.name");
}

[EnrichmentStep("bench.two", "1.0.0", Reads = ["person.email"], Produces = ["person.seniority=/seniority"], Pure = true)]
internal sealed class SecondStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        AnswerOnce.For(context, "person.email");
}

[EnrichmentStep(
    "bench.three",
    "1.0.0",
    Reads = ["company.normalized_name", "person.seniority"],
    Produces = ["company.city=/city"],
    Pure = true)]
internal sealed class ThirdStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        AnswerOnce.For(context, "company.normalized_name", "person.seniority");
}

[EnrichmentStep("bench.outside.one", "1.0.0", Reads = ["company.name"], Produces = ["company.normalized_name=/normalized_company_name"])]
internal sealed class FirstOutsideStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        AnswerOnce.For(context, "company.name");
}

[EnrichmentStep("bench.outside.two", "1.0.0", Reads = ["person.email"], Produces = ["person.seniority=/seniority"])]
internal sealed class SecondOutsideStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        AnswerOnce.For(context, "person.email");
}

[EnrichmentStep("bench.outside.three", "1.0.0", Reads = ["company.normalized_name", "person.seniority"], Produces = ["company.city=/city"])]
internal sealed class ThirdOutsideStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        AnswerOnce.For(context, "company.normalized_name", "person.seniority");
}

internal static class AnswerOnce
{
    /// <summary>Reads the fields, so that a record that came out wrong shows, and answers.</summary>
    public static ValueTask<StepOutcome> For(StepContext context, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (context.Record.Text(field) is null)
            {
                return new(StepOutcome.Failed($"The record has no {field}."));
            }
        }

        return new(StepOutcome.CompletedJson(Answer.Bytes));
    }
}
