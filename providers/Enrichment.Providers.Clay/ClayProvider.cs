namespace Enrichment.Providers.Clay;

/// <summary>The steps that a Clay table answers.</summary>
public sealed class ClayProvider : IEnrichmentProvider
{
    /// <inheritdoc/>
    public IReadOnlyList<StepDescriptor> Steps { get; } = [StepDescriptor.Of<ClayCompanyStep>(), StepDescriptor.Of<ClayPersonStep>()];
}
