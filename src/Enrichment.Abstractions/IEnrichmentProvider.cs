namespace Enrichment;

/// <summary>An assembly's list of the steps that it ships. Needs a public constructor without parameters.</summary>
public interface IEnrichmentProvider
{
    /// <summary>The steps, each made by <see cref="StepDescriptor.Of{TStep}"/>.</summary>
    IReadOnlyList<StepDescriptor> Steps { get; }
}
