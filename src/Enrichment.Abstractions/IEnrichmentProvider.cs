namespace Enrichment;

/// <summary>An assembly's list of the steps that it ships. Needs a public constructor without parameters.</summary>
public interface IEnrichmentProvider
{
    /// <summary>The steps, each made by a method of <see cref="StepDescriptor"/>.</summary>
    IReadOnlyList<StepDescriptor> Steps { get; }
}
