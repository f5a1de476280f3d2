using Enrichment;

namespace Consumer;

[EnrichmentStep("acme.email-domain", "1.0.0", Reads = ["person.email"], Produces = ["company.domain"], Pure = true)]
public sealed class EmailDomainStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(context.Record.Text("person.email")?.Split('@') is [_, var domain]
            ? StepOutcome.Completed("company.domain", domain)
            : StepOutcome.Skipped("the record has no e-mail address"));
}
