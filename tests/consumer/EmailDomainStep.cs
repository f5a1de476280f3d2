using Enrichment;
using Enrichment.Normalization;

namespace Consumer;

[EnrichmentStep("acme.email-domain", "1.0.0", Reads = ["person.email"], Produces = ["company.domain"], Pure = true)]
public sealed class EmailDomainStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(
            EmailAddress.TryParse(context.Record.Text("person.email"), out var address)
            && address is { IsFreeMail: false, Domain: { } domain }
                ? StepOutcome.Completed("company.domain", domain.ToString())
                : StepOutcome.Skipped("the record has no e-mail address of a company"));
}
