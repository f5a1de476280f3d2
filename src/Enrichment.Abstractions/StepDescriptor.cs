using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Enrichment;

/// <summary>A step as a provider ships it: its manifest, and how its one instance is made.</summary>
public sealed class StepDescriptor
{
    private StepDescriptor(StepManifest manifest, string source, Type? optionsType) =>
        (Manifest, Source, OptionsType) = (manifest, source, optionsType);

    /// <summary>The class that the host's dependency injection makes the instance of; null if <see cref="Factory"/> makes it.</summary>
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public Type? Type { get; private init; }

    /// <summary>Makes the instance from the host's services; null if <see cref="Type"/> says of what it is made.</summary>
    public Func<IServiceProvider, IEnrichmentStep>? Factory { get; private init; }

    /// <summary>Where the step is declared, for messages: its class, or a file.</summary>
    public string Source { get; }

    /// <summary>What the step declares.</summary>
    public StepManifest Manifest { get; }

    /// <summary>The type of the step's settings; null if it has none.</summary>
    public Type? OptionsType { get; }

    /// <summary>Describes a step by its class.</summary>
    /// <exception cref="ArgumentException">The class is not, or wrongly, declared with <see cref="EnrichmentStepAttribute"/>.</exception>
    public static StepDescriptor Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStep>()
        where TStep : class, IEnrichmentStep =>
        new(StepManifest.Of(typeof(TStep)), typeof(TStep).ToString(), typeof(TStep).GetCustomAttribute<EnrichmentStepAttribute>()!.Options)
        {
            Type = typeof(TStep),
        };

    /// <summary>Describes a step that has no class of its own: many steps may share one, each with its manifest.</summary>
    public static StepDescriptor Of(
        StepManifest manifest,
        string source,
        Type? optionsType,
        Func<IServiceProvider, IEnrichmentStep> factory) => new(manifest, source, optionsType) { Factory = factory };
}
