using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Providers;
using NuGet.Versioning;

namespace Enrichment.Plans;

/// <summary>Makes a pipeline's snapshot, or reports all problems.</summary>
internal sealed class Preflight
{
    private readonly PreflightRequest request;
    private readonly List<string> problems = [];
    private readonly HashSet<string> provided;

    /// <summary>False once a stage is unknown: what it would have produced cannot be missed.</summary>
    private bool complete = true;

    private Preflight(PreflightRequest request)
    {
        this.request = request;
        provided = new(request.Fields, StringComparer.Ordinal);
    }

    /// <exception cref="PreflightException">The pipeline cannot be launched.</exception>
    public static async ValueTask<PipelineSnapshot> RunAsync(PreflightRequest request, CancellationToken cancellationToken)
    {
        var preflight = new Preflight(request);
        preflight.CheckForm();
        if (preflight.problems.Count > 0)
        {
            throw new PreflightException(request.Pipeline, preflight.problems);
        }

        var stages = new List<StageSnapshot?>();
        foreach (var stage in request.Pipeline.Stages)
        {
            stages.Add(await preflight.CheckAsync(stage, stages.Count + 1, cancellationToken).ConfigureAwait(false));
        }

        preflight.CheckBatchSettings();
        return preflight.problems.Count == 0
            ? new()
            {
                Pipeline = request.Pipeline.Name,
                PipelineVersion = request.Pipeline.Version,
                Workstream = request.Workstream,
                WorkstreamVersion = request.WorkstreamVersion,
                Stages = [.. stages.OfType<StageSnapshot>()],
            }
            : throw new PreflightException(request.Pipeline, preflight.problems);
    }

    private async ValueTask<StageSnapshot?> CheckAsync(StageDefinition stage, int number, CancellationToken cancellationToken)
    {
        var place = $"Stage {number} '{stage.Step}'";
        var step = Resolve(stage, place);
        CheckFields(stage, step, place);
        if (step is null)
        {
            complete = false;
            return null;
        }

        var overrides = request.Overrides(stage);
        problems.AddRange(SecretProblems(stage, step.Manifest, overrides ?? []).Select(problem => $"{place}: {problem}"));
        provided.UnionWith(step.Manifest.Produces.Select(produced => produced.Field));
        var entity = EntityPolicy.Of(
            step.Manifest,
            request.Settings(stage, step.Manifest),
            request.OfClient(stage),
            request.Refresh,
            out var settings,
            out var wrong);
        problems.AddRange(wrong.Select(problem => $"{place}: {problem}"));
        problems.AddRange(
            entity is { Scope: EntityScope.Shared } ? SharedSecretProblems(overrides ?? []).Select(problem => $"{place}: {problem}") : []);
        var limits = CallLimits.Take(ref settings, step.Manifest, overrides ?? [], out var found);
        problems.AddRange(
            found.Concat(SharedLimitProblems(stage, step.Manifest, overrides ?? [])).Select(problem => $"{place}: its limits: {problem}"));
        if (entity is { CallsWithoutKey: true } && step is { Descriptor: null, IsOwn: true })
        {
            problems.Add(
                $"{place}: only external workers do the step, and they make no call for an item without a key. Leave '{EntityPolicy.Property}' withoutKey at skip.");
        }

        if (step.Descriptor is { } descriptor)
        {
            // Only where the step runs are its options type and its secrets known.
            var faults = await SettingsProblemsAsync(descriptor, settings, overrides ?? [], cancellationToken).ConfigureAwait(false);
            problems.AddRange(faults.Select(problem => $"{place}: {problem}"));
        }

        return new()
        {
            Manifest = step.Manifest with { Settings = null }, // They are in the merged ones.
            When = stage.When,
            Optional = stage.Optional,
            Settings = settings,
            Overrides = overrides,
            Limits = limits,
            Retry = (stage.Retry ?? new()).Over(step.Manifest),
            Timeout = Timeout(stage.Timeout ?? step.Manifest.Timeout, step.Manifest),
            Entity = entity,
        };
    }

    /// <summary>A call that may be answered later has no longer than its answer: at the deadline it may be made again.</summary>
    private static TimeSpan Timeout(TimeSpan wanted, StepManifest step) =>
        step.MayBeAnsweredLater && step.Deadline < wanted ? step.Deadline : wanted;

    private KnownStep? Resolve(StageDefinition stage, string place)
    {
        var versions = request.Steps.Versions(stage.Step);
        if (versions.Count == 0)
        {
            problems.Add(
                $"{place}: no provider ships this step.{Nearest.Hint(stage.Step, request.Steps.Slugs)} {Known()} Add its provider or correct the name.");
            return null;
        }

        var range = stage.Version is null ? VersionRange.All : VersionRange.Parse(stage.Version);
        if (!request.Steps.TryResolve(stage.Step, range, out var step))
        {
            problems.Add(
                $"{place}: no known version satisfies '{stage.Version}'. Known: {string.Join(", ", versions.Select(known => known.Manifest.Version))}. Change the range or add a provider that ships such a version.");
        }

        return step;
    }

    private string Known()
    {
        const int most = 20;
        var slugs = request.Steps.Slugs.ToList();
        return slugs.Count == 0 ? "No step is known here at all."
            : $"Known: {string.Join(", ", slugs.Take(most))}{(slugs.Count > most ? $" and {slugs.Count - most} more" : "")}.";
    }

    /// <summary>
    /// A step may read alternatives, so it lacks something only if none of its fields is provided. A condition must not name what can never
    /// be there.
    /// </summary>
    private void CheckFields(StageDefinition stage, KnownStep? step, string place)
    {
        if (!complete)
        {
            return;
        }

        if (step?.Manifest.Reads is { Count: > 0 } reads && !reads.Any(provided.Contains))
        {
            problems.Add(reads.Count == 1
                ? $"{place}: it reads the field '{reads[0]}', which no column and no earlier stage provides. Map a column of the upload to it, or add an earlier stage that produces it."
                : $"{place}: it reads the fields {string.Join(", ", reads)}, and no column and no earlier stage provides any of them. Map a column of the upload to one of them, or add an earlier stage that produces it.");
        }

        foreach (var field in stage.When?.Fields.Where(field => !provided.Contains(field)) ?? [])
        {
            problems.Add(
                $"{place}: its condition names the field '{field}', which no column and no earlier stage provides.{Nearest.Hint(field, provided)} Map a column of the upload to it, add an earlier stage that produces it, or correct the condition.");
        }
    }

    private async ValueTask<IReadOnlyList<string>> SettingsProblemsAsync(
        StepDescriptor descriptor,
        JsonElement? settings,
        IReadOnlyList<SettingsOverride> overrides,
        CancellationToken cancellationToken)
    {
        var context = new BindingContext(descriptor.Manifest, request.Client, request.Secrets)
        {
            Overrides = overrides,
            Services = request.Services,
        };
        try
        {
            var bound = await OptionsBinder
                .BindAsync(descriptor.OptionsType, settings, context, cancellationToken)
                .ConfigureAwait(false);
            return bound.Problems;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // The resolver is the host's code and speaks of secrets: only the kind of its failure is told.
            return [$"its secrets cannot be resolved: the host's resolver threw {exception.GetType()}."];
        }
    }

    /// <summary>
    /// A launch names no secret of its own: only such as the host or the client names for the same step. Told by names alone, so that it
    /// holds where the step is not known.
    /// </summary>
    private IEnumerable<string> SecretProblems(StageDefinition stage, StepManifest step, IReadOnlyList<SettingsOverride> overrides)
    {
        var named = new[] { request.OfHost(stage, step), request.OfClient(stage) }
            .OfType<JsonElement>()
            .SelectMany(SecretReference.Places)
            .Select(place => place.Name)
            .ToHashSet(StringComparer.Ordinal);
        return overrides
            .Where(layer => layer is { Layer: SettingsLayer.Launch, Trusted: false })
            .SelectMany(layer => SecretReference.Places(layer.Settings))
            .Where(place => !named.Contains(place.Name))
            .Select(place =>
                $"the launch names the secret '{Excerpt.Of(place.Name)}' for '{SettingPath.Of(place.Path)}'. A launch may name only secrets that the host's or the client's settings of the step name. Name it there, or let the host call TrustSettings(SettingsLayer.Launch, …).");
    }

    /// <summary>A limit of the host's account is for all clients: one of them could starve the others, or lift it.</summary>
    private IEnumerable<string> SharedLimitProblems(StageDefinition stage, StepManifest step, IReadOnlyList<SettingsOverride> overrides) =>
        request.OfHost(stage, step) is { } host
        && SettingPath.Find(host, [CallLimits.Setting, nameof(CallLimits.Shared)]) is { ValueKind: JsonValueKind.True }
        && overrides.Any(layer => !layer.Trusted && SettingPath.Find(layer.Settings, [CallLimits.Setting]) is not null)
            ? ["all clients share them, so only the host may change them. Leave them out of the settings of clients and launches."]
            : [];

    /// <summary>A call whose answer clients share is made with the host's account: whose else would it be?</summary>
    private static IEnumerable<string> SharedSecretProblems(IReadOnlyList<SettingsOverride> overrides) =>
        overrides
            .SelectMany(layer => SecretReference.Places(layer.Settings))
            .Select(place =>
                $"its answers are shared between clients, but '{SettingPath.Of(place.Path)}' names a client's secret, '{Excerpt.Of(place.Name)}'. Name it in the host's own settings of the step, or share the answers within the client.");

    /// <summary>
    /// Settings of a launch come from outside unchecked: a value that is not an object, or has a name twice, could mean one thing to a
    /// check and another to the step.
    /// </summary>
    private void CheckForm()
    {
        foreach (var (step, settings) in request.BatchSettings.OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            try
            {
                _ = StepSettings.Read(new(settings, $"The launch's settings for step '{Excerpt.Of(step)}'", "$"));
            }
            catch (EnrichmentException exception)
            {
                problems.Add(exception.Message);
            }
        }
    }

    private void CheckBatchSettings()
    {
        var steps = request.Pipeline.Stages.Select(stage => stage.Step).ToList();
        var strangers = request.BatchSettings.Keys.Where(step => !steps.Contains(step, StringComparer.Ordinal));
        foreach (var step in strangers.Order(StringComparer.Ordinal))
        {
            problems.Add(
                $"The launch has settings for step '{Excerpt.Of(step)}', which no stage names.{Nearest.Hint(step, steps)} Correct the name or leave them out.");
        }
    }
}
