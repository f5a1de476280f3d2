using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>The person's e-mail address in lower case, without display name; at work or at a free-mail provider alike.</summary>
[EnrichmentStep("person.email", "1.0.0", Reads = ["person.email"], Produces = ["person.email"], Pure = true)]
public sealed class PersonEmailStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        FieldAnswer.For(
            context.Record,
            "person.email",
            text => EmailAddress.TryParse(text, out var address) ? address.Value : null,
            "e-mail address");
}
