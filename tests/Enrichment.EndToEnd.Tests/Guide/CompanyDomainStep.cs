using Enrichment.Normalization;

namespace Enrichment.EndToEnd.Tests.Guide;

[EnrichmentStep("acme.company-domain", "1.0.0",
    Reads = ["company.website"], Produces = ["company.domain"], Pure = true)]
public sealed class CompanyDomainStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(Domain.TryParse(context.Record.Text("company.website"), out var domain)
            ? StepOutcome.Completed("company.domain", domain.ToString())
            : StepOutcome.Skipped("the record has no usable website"));
}
