using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Execution;

/// <summary>The steps that this host can run: one instance each, and the options of a stage, bound anew for each portion of work so that a rotated secret is seen.</summary>
internal sealed class HostSteps(StepCatalogue catalogue, IServiceProvider services, SecretResolver secrets)
{
    private readonly ConcurrentDictionary<StepDescriptor, IEnrichmentStep> instances = new(); // The catalogue has one of each slug and version.

    public bool Has(StageSnapshot stage) => catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version) is not null;

    /// <summary>Whether this host says of the step that workers in other languages do it.</summary>
    public bool Declares(StageSnapshot stage) => catalogue.Versions(stage.Manifest.Slug).Any(step => step.Descriptor is null && step.Manifest.Version == stage.Manifest.Version);

    public IEnrichmentStep Step(StageSnapshot stage) => Instance(Descriptor(stage));

    /// <summary>The receiving halves of every version of a step that this host has.</summary>
    public IEnumerable<ICallbackReceiver> Receivers(string slug) =>
        catalogue.Versions(slug).Select(step => step.Descriptor).OfType<StepDescriptor>().Where(step => step.Manifest.ReceivesCallbacks).Select(step => (ICallbackReceiver)Instance(step));

    /// <exception cref="EnrichmentException">The settings cannot be bound here and now.</exception>
    public object? Options(StageSnapshot stage)
    {
        var options = OptionsBinder.Bind(Descriptor(stage).OptionsType, stage.Settings, secrets, stage.Manifest, out var problems);
        return problems.Count == 0 ? options : throw new EnrichmentException($"Step '{stage.Manifest.Slug}': {string.Join(" ", problems)}");
    }

    private IEnrichmentStep Instance(StepDescriptor step) =>
        instances.GetOrAdd(step, static (step, services) => step.Factory?.Invoke(services) ?? (IEnrichmentStep)ActivatorUtilities.GetServiceOrCreateInstance(services, step.Type!), services);

    private StepDescriptor Descriptor(StageSnapshot stage) => catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version)
        ?? throw new InvalidOperationException($"Step '{stage.Manifest.Slug}' {stage.Manifest.Version} is not on this host.");
}
