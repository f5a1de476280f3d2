using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Providers;

namespace Enrichment.Steps;

/// <summary>
/// The steps that this host can run, and the options of a stage, bound again for each claim so that a rotated secret takes effect.
/// </summary>
internal sealed class StepActivator(
    StepCatalogue catalogue,
    IServiceProvider services,
    StepLifetimes lifetimes,
    SecretResolver secrets,
    WorkerOptions options)
{
    // The catalogue has one of each slug and version.
    private readonly ConcurrentDictionary<StepDescriptor, StepActivation> activations = new();
    // A stage's settings never change, nor does what the host allows.
    // Loops that ask at once share the question.
    private readonly ConditionalWeakTable<StagePlan, Lazy<Task<string?>>> refusals = [];

    public bool Has(StageSnapshot stage) => catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version) is not null;

    /// <summary>Whether this host can work on a stage: it has the step, and no rule of its own refuses the calls.</summary>
    /// <remarks>An external step is no host's: any host can hand its tasks out.</remarks>
    public async ValueTask<bool> CanRunAsync(StagePlan plan, CancellationToken cancellationToken)
    {
        if (plan.Stage.Manifest.External)
        {
            return true;
        }

        if (!Has(plan.Stage))
        {
            return false;
        }

        if (!refusals.TryGetValue(plan, out var refusal))
        {
            refusal = refusals.GetValue(
                plan,
                known => new(() => RefusalAsync(known.Stage, known.Batch.Client, CancellationToken.None).AsTask()));
        }

        return await refusal.Value.WaitAsync(cancellationToken).ConfigureAwait(false) is null;
    }

    /// <summary>Why <see cref="CanRunAsync"/> said that this host cannot work on a stage whose step it has.</summary>
    public string? Refusal(StagePlan plan) =>
        refusals.TryGetValue(plan, out var known) && known.Value is { IsCompletedSuccessfully: true } refusal ? refusal.Result : null;

    /// <summary>
    /// Why every call of a client's stage would be refused on this host, though its settings are sound; null if it has no such reason.
    /// </summary>
    /// <remarks>
    /// Settings that bind only without the host's services meet a rule of this host, such as the addresses that it allows. Another host may
    /// have another rule: the calls are left to it.
    /// </remarks>
    public async ValueTask<string?> RefusalAsync(StageSnapshot stage, string client, CancellationToken cancellationToken)
    {
        if (catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version) is not { OptionsType: { } type }
            || stage.Manifest.Effects == Effects.Pure)
        {
            return null;
        }

        var context = new BindingContext(stage.Manifest, client, secrets) { Overrides = stage.Overrides ?? [] };
        try
        {
            var here = await OptionsBinder
                .BindAsync(type, stage.Settings, context with { Services = services }, cancellationToken)
                .ConfigureAwait(false);
            if (here.Options is not null)
            {
                return null;
            }

            var elsewhere = await OptionsBinder.BindAsync(type, stage.Settings, context, cancellationToken).ConfigureAwait(false);
            return elsewhere.Options is null ? null : string.Join(" ", here.Problems);
        }
#pragma warning disable CA1031 // The host's secret resolver is foreign code: the items fail with what it throws when the step is made ready.
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    /// <summary>Whether this host says of the step that external workers do it.</summary>
    public bool Declares(StageSnapshot stage) =>
        catalogue.Versions(stage.Manifest.Slug).Any(step => step.Descriptor is null && step.Manifest.Version == stage.Manifest.Version);

    /// <summary>How a stage's step comes to its calls. What its constructor throws is passed on.</summary>
    public StepActivation Activation(StageSnapshot stage) => Activation(Descriptor(stage));

    /// <summary>The receiving halves of every version of a step that this host has.</summary>
    public IEnumerable<StepActivation> Receivers(string slug) =>
        catalogue
            .Versions(slug)
            .Select(step => step.Descriptor)
            .OfType<StepDescriptor>()
            .Where(step => step.Manifest.ReceivesCallbacks)
            .Select(Activation);

    /// <summary>A stage's step with its settings.</summary>
    /// <exception cref="EnrichmentException">It cannot be made here now; the message may be stored.</exception>
    public async ValueTask<ReadyStep> ReadyAsync(StagePlan plan, CancellationToken cancellationToken)
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
            var bound = await OptionsAsync(plan, cancellationToken).ConfigureAwait(false);
            return new(activation, bound, options.KeepExceptionMessages);
        }
#pragma warning disable CA1031 // The host's secret resolver is foreign code, and speaks of secrets.
        catch (Exception exception)
            when (exception is not (OutOfMemoryException or EnrichmentException) && !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            throw new EnrichmentException(
                $"Step '{plan.Stage.Manifest.Slug}': its secrets cannot be resolved: the host's resolver threw {exception.GetType()}.",
                exception);
        }
    }

    private async ValueTask<BoundOptions> OptionsAsync(StagePlan plan, CancellationToken cancellationToken)
    {
        var stage = plan.Stage;
        var context = new BindingContext(stage.Manifest, plan.Batch.Client, secrets) { Overrides = stage.Overrides ?? [] };
        var (bound, problems) = await OptionsBinder
            .BindAsync(Descriptor(stage).OptionsType, stage.Settings, context, cancellationToken)
            .ConfigureAwait(false);
        return bound ?? throw new EnrichmentException($"Step '{stage.Manifest.Slug}': {string.Join(" ", problems)}");
    }

    private StepActivation Activation(StepDescriptor step) =>
        activations.GetOrAdd(step, static (step, host) => new(step, host.services, host.lifetimes), (services, lifetimes));

    private StepDescriptor Descriptor(StageSnapshot stage) => catalogue.Find(stage.Manifest.Slug, stage.Manifest.Version)
        ?? throw new InvalidOperationException($"Step '{stage.Manifest.Slug}' {stage.Manifest.Version} is not on this host.");
}
