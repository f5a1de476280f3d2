namespace Enrichment.EndToEnd.Tests.Guide;

public sealed class AcmeProvider : IEnrichmentProvider
{
    public IReadOnlyList<StepDescriptor> Steps { get; } =
        [StepDescriptor.Of<CompanyDomainStep>(), StepDescriptor.Of<CompanySizeStep>()];
}
