namespace Enrichment.EndToEnd.Tests.Guide;

[EnrichmentStep("acme.person", "1.0.0", Reads = ["person.email"], Produces = ["person.title"],
    SafeToRepeat = true, Limits = """{"name": "acme", "rate": 50, "burst": 20, "concurrency": 30}""")]
public sealed class AcmePersonStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.Completed("person.title", context.Record.Text("person.email")));
}
