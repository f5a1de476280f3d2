namespace Enrichment.EndToEnd.Tests;

/// <summary>Cleans a website into a domain.</summary>
[EnrichmentStep("test.domain", "1.0.0", Reads = ["company.website"], Produces = ["company.domain"], Pure = true)]
public sealed class DomainStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(Uri.TryCreate(context.Record.Text("company.website"), UriKind.Absolute, out var site)
            ? StepOutcome.Completed("company.domain", site.Host)
            : StepOutcome.Skipped("the record has no usable website"));
}

/// <summary>Stands for a paid vendor: effects outside, safe to repeat.</summary>
[EnrichmentStep("test.size", "1.0.0", Reads = ["company.domain"], Produces = ["company.employee_count"], SafeToRepeat = true)]
public sealed class SizeStep : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return context.Record.Text("company.domain") is { } domain
            ? StepOutcome.Completed([new("company.employee_count", domain.Length)])
            : StepOutcome.NotFound();
    }
}

/// <summary>Reads the answers of both.</summary>
[EnrichmentStep("test.label", "1.0.0", Reads = ["company.domain", "company.employee_count"], Produces = ["company.label"], Pure = true)]
public sealed class LabelStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(
            StepOutcome.Completed(
                "company.label",
                $"{context.Record.Text("company.domain")} ({context.Record.Text("company.employee_count")})"));
}
