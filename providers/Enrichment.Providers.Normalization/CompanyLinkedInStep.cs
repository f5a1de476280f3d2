using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>The company's page on LinkedIn in one spelling. A school's page counts, a member's does not.</summary>
[EnrichmentStep("company.linkedin", "1.0.0", Reads = ["company.linkedin_url"], Produces = ["company.linkedin_url"], Pure = true)]
public sealed class CompanyLinkedInStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        FieldAnswer.For(
            context.Record,
            "company.linkedin_url",
            text => LinkedInUrl.TryParse(text, out var url) && url.Kind is LinkedInKind.Company or LinkedInKind.School ? url.Value : null,
            "address of a company on LinkedIn");
}
