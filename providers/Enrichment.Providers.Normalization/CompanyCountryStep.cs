using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>The company's country as ISO 3166-1 alpha-2, from codes and names in many languages.</summary>
[EnrichmentStep("company.country", "1.0.0", Reads = ["company.country"], Produces = ["company.country"], Pure = true)]
public sealed class CompanyCountryStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        FieldAnswer.For(
            context.Record,
            "company.country",
            text => Country.TryParse(text, out var country) ? country.Alpha2 : null,
            "country known by a code or a name");
}
