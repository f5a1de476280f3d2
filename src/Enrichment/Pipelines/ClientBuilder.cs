using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// Describes the settings of a client. Every method refuses impossible values with an <see cref="EnrichmentException"/>.
/// </summary>
public sealed class ClientBuilder
{
    private readonly string slug;
    private readonly Dictionary<string, string> pipelines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonElement> settings = new(StringComparer.Ordinal);

    internal ClientBuilder(string slug)
    {
        Require(Slug.NameProblem(slug, "the slug of a client") ?? Slug.ReservedProblem(slug));
        this.slug = slug;
    }

    /// <summary>Lets the client run a pipeline of its own on a workstream.</summary>
    public ClientBuilder Pipeline(string workstream, string pipeline)
    {
        Require(Slug.NameProblem(workstream, "the name of a workstream"));
        Require(Slug.NameProblem(pipeline, "the name of a pipeline"));
        return pipelines.TryAdd(workstream, pipeline)
            ? this
            : throw new EnrichmentException(
                $"Workstream '{workstream}' has two pipelines: '{pipelines[workstream]}' and '{pipeline}'. Keep one.");
    }

    /// <summary>Gives a step the client's settings.</summary>
    /// <param name="step">The step's slug.</param>
    /// <param name="options">
    /// Anything that is a JSON object when serialized, such as <c>new { webhookUrl = "https://…", apiKey = "secret:CLAY_KEY" }</c>.
    /// </param>
    public ClientBuilder Step(string step, object options)
    {
        Require(Slug.StepProblem(step));
        return settings.TryAdd(step, StepSettings.ToObject(options))
            ? this
            : throw new EnrichmentException($"Step '{step}' has settings twice. Put them into one.");
    }

    internal ClientDefinition Build() => new(slug, pipelines, settings);

    private static void Require(string? problem)
    {
        if (problem is not null)
        {
            throw new EnrichmentException(problem);
        }
    }
}
