namespace Enrichment.Providers.Normalization;

/// <summary>
/// The steps that put fields into their canonical form. All are pure and need no network; those without an answer skip the item.
/// </summary>
public sealed class NormalizationProvider : IEnrichmentProvider
{
    /// <inheritdoc/>
    public IReadOnlyList<StepDescriptor> Steps { get; } =
    [
        StepDescriptor.Of<CompanyCountryStep>(),
        StepDescriptor.Of<CompanyDomainStep>(),
        StepDescriptor.Of<CompanyLinkedInStep>(),
        StepDescriptor.Of<CompanyNameStep>(),
        StepDescriptor.Of<CompanyPhoneStep>(),
        StepDescriptor.Of<PersonCountryStep>(),
        StepDescriptor.Of<PersonEmailStep>(),
        StepDescriptor.Of<PersonLinkedInStep>(),
        StepDescriptor.Of<PersonNameStep>(),
        StepDescriptor.Of<PersonPhoneStep>(),
    ];
}
