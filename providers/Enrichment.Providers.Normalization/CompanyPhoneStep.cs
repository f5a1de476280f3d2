namespace Enrichment.Providers.Normalization;

/// <summary>
/// The company's telephone number in E.164; one without country code is read as of the company's country, else the person's, else
/// <see cref="PhoneOptions.DefaultRegion"/>.
/// </summary>
[EnrichmentStep(
    "company.phone",
    "1.0.0",
    Reads = ["company.phone", "company.country", "person.country"],
    Produces = ["company.phone"],
    Pure = true,
    Options = typeof(PhoneOptions))]
public sealed class CompanyPhoneStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        PhoneAnswer.For(context, "company.phone", "company.country", "person.country");
}
