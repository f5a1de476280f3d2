namespace Enrichment.Providers.Normalization;

/// <summary>
/// The person's telephone number in E.164; one without country code is read as of the person's country, else the company's, else
/// <see cref="PhoneOptions.DefaultRegion"/>.
/// </summary>
[EnrichmentStep(
    "person.phone",
    "1.0.0",
    Reads = ["person.phone", "person.country", "company.country"],
    Produces = ["person.phone"],
    Pure = true,
    Options = typeof(PhoneOptions))]
public sealed class PersonPhoneStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        PhoneAnswer.For(context, "person.phone", "person.country", "company.country");
}
