using Enrichment;

namespace EmbeddedHost;

/// <summary>The steps that this house has of its own.</summary>
public sealed class HouseProvider : IEnrichmentProvider
{
    /// <inheritdoc />
    public IReadOnlyList<StepDescriptor> Steps { get; } = [StepDescriptor.Of<InitialsStep>(), StepDescriptor.Of<TitleStep>()];
}
