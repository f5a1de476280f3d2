using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>
/// The person's page on LinkedIn in one spelling; of Sales Navigator's opaque ids the address that keeps them apart from public names.
/// </summary>
[EnrichmentStep("person.linkedin", "1.0.0", Reads = ["person.linkedin_url"], Produces = ["person.linkedin_url"], Pure = true)]
public sealed class PersonLinkedInStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        FieldAnswer.For(
            context.Record,
            "person.linkedin_url",
            text => LinkedInUrl.TryParse(text, out var url) && url.Kind is LinkedInKind.Profile or LinkedInKind.MemberId ? url.Value : null,
            "address of a person on LinkedIn");
}
