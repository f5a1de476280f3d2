using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Enrichment;

/// <summary>A step as a provider ships it: the class and its manifest.</summary>
public sealed class StepDescriptor
{
    private StepDescriptor([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
    {
        Type = type;
        Manifest = StepManifest.Of(type);
        OptionsType = type.GetCustomAttribute<EnrichmentStepAttribute>()!.Options;
    }

    /// <summary>The class that the host's dependency injection makes one instance of.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public Type Type { get; }

    /// <summary>What the step declares.</summary>
    public StepManifest Manifest { get; }

    /// <summary>The type of the step's settings; null if it has none.</summary>
    public Type? OptionsType { get; }

    /// <summary>Describes a step by its class.</summary>
    /// <exception cref="ArgumentException">The class is not, or wrongly, declared with <see cref="EnrichmentStepAttribute"/>.</exception>
    public static StepDescriptor Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStep>()
        where TStep : class, IEnrichmentStep => new(typeof(TStep));
}
