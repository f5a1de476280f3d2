using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.Providers;

namespace Enrichment.Execution;

/// <summary>The steps that this host can run, and the options of a stage, bound anew for each portion of work so that a rotated secret is seen.</summary>
internal sealed class HostSteps(StepCatalogue catalogue, IServiceProvider services, StepLifetimes lifetimes, SecretResolver secrets, WorkerOptions options)
{
    private readonly ConcurrentDictionary<StepDescriptor, StepActivation> activations = new(); // The catalogue has one of each slug and version.

    public bool Has(StageSnapshot stage) => catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version) is not null;

    /// <summary>Whether this host says of the step that workers in other languages do it.</summary>
    public bool Declares(StageSnapshot stage) => catalogue.Versions(stage.Manifest.Slug).Any(step => step.Descriptor is null && step.Manifest.Version == stage.Manifest.Version);

    /// <summary>How a stage's step comes to its calls. What its constructor throws is passed on.</summary>
    public StepActivation Activation(StageSnapshot stage) => Activation(Descriptor(stage));

    /// <summary>The receiving halves of every version of a step that this host has.</summary>
    public IEnumerable<StepActivation> Receivers(string slug) =>
        catalogue.Versions(slug).Select(step => step.Descriptor).OfType<StepDescriptor>().Where(step => step.Manifest.ReceivesCallbacks).Select(Activation);

    /// <summary>A stage's step with its settings.</summary>
    /// <exception cref="EnrichmentException">It cannot be had here and now; the message is fit to be kept.</exception>
    public ReadyStep Ready(StagePlan plan)
    {
        StepActivation activation;
        try
        {
            activation = Activation(plan.Stage);
        }
#pragma warning disable CA1031 // A step's constructor is foreign code.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            throw new EnrichmentException($"The step cannot be made: {ErrorText.Of(exception, options.KeepExceptionMessages)}", exception);
        }

        try
        {
            return new(activation, Options(plan), options.KeepExceptionMessages);
        }
#pragma warning disable CA1031 // The host's secret resolver is foreign code, and speaks of secrets.
        catch (Exception exception) when (exception is not (OutOfMemoryException or EnrichmentException))
#pragma warning restore CA1031
        {
            throw new EnrichmentException($"Step '{plan.Stage.Manifest.Slug}': its secrets cannot be asked for: the host's resolver threw {exception.GetType()}.", exception);
        }
    }

    /// <exception cref="EnrichmentException">The settings cannot be bound here and now.</exception>
    public BoundOptions Options(StagePlan plan)
    {
        var stage = plan.Stage;
        var context = new BindingContext(stage.Manifest, plan.Batch.Client, secrets) { Overrides = stage.Overrides ?? [] };
        return OptionsBinder.Bind(Descriptor(stage).OptionsType, stage.Settings, context, out var problems)
            ?? throw new EnrichmentException($"Step '{stage.Manifest.Slug}': {string.Join(" ", problems)}");
    }

    private StepActivation Activation(StepDescriptor step) => activations.GetOrAdd(step, static (step, host) => new(step, host.services, host.lifetimes), (services, lifetimes));

    private StepDescriptor Descriptor(StageSnapshot stage) => catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version)
        ?? throw new InvalidOperationException($"Step '{stage.Manifest.Slug}' {stage.Manifest.Version} is not on this host.");
}
