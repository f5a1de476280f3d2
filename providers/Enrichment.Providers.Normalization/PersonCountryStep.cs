using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>
/// The person's country as ISO 3166-1 alpha-2, from codes, names in many languages, or the end of a place such as <c>London, United
/// Kingdom</c>.
/// </summary>
[EnrichmentStep("person.country", "1.0.0", Reads = ["person.country"], Produces = ["person.country"], Pure = true)]
public sealed class PersonCountryStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        FieldAnswer.For(
            context.Record,
            "person.country",
            text => Country.TryParse(text, out var country) ? country.Alpha2 : null,
            "country known by a code or a name");
}
