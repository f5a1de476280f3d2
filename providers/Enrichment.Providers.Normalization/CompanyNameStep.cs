using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>The company's name as people say it, without legal form, trade marks and asides.</summary>
[EnrichmentStep("company.name", "1.0.0", Reads = ["company.name"], Produces = ["company.name"], Pure = true)]
public sealed class CompanyNameStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        FieldAnswer.For(
            context.Record,
            "company.name",
            text => CompanyName.TryParse(text, out var name) ? name.Display : null,
            "company's name");
}
