using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// A client and its settings: pipelines by workstream, settings by step. A client without such settings need not be defined.
/// </summary>
public sealed class ClientDefinition
{
    internal ClientDefinition(string slug, IReadOnlyDictionary<string, string> pipelines, IReadOnlyDictionary<string, JsonElement> settings)
    {
        Slug = slug;
        Pipelines = pipelines;
        Settings = settings;
    }

    /// <summary>The client's slug.</summary>
    public string Slug { get; }

    /// <summary>The name of the pipeline that this client runs instead of a workstream's default, by workstream.</summary>
    public IReadOnlyDictionary<string, string> Pipelines { get; }

    /// <summary>This client's settings, by step: stronger than the workstream's and the pipeline's, weaker than the batch's.</summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; }

    /// <summary>Describes a client in code.</summary>
    /// <exception cref="EnrichmentException">Something in it cannot be; the message says what.</exception>
    public static ClientDefinition Create(string slug, Action<ClientBuilder> describe)
    {
        var builder = new ClientBuilder(slug);
        try
        {
            describe(builder);
        }
        catch (EnrichmentException exception)
        {
            throw new EnrichmentException($"Client '{slug}': {exception.Message}", exception);
        }

        return builder.Build();
    }

    /// <summary>
    /// Reads a client from a JSON file in UTF-8: <c>{"slug": "acme", "pipelines": {"apollo_scrape": "leads"}, "steps": {"clay.company":
    /// {…}}}</c>.
    /// </summary>
    /// <exception cref="EnrichmentException">
    /// The file cannot be read or is not a client; the message names file, place and expected form.
    /// </exception>
    public static ClientDefinition Load(string path) => Read(DefinitionNode.Load(path));

    /// <summary>Reads a client from JSON.</summary>
    /// <param name="json">The client.</param>
    /// <param name="source">The name of the text in errors, such as a file's name.</param>
    /// <exception cref="EnrichmentException">It is not a client; the message names the place and the expected form.</exception>
    public static ClientDefinition Parse(string json, string source = "client") => Read(DefinitionNode.Parse(json, source));

    private static ClientDefinition Read(DefinitionNode root)
    {
        var properties = root.Object("a client", "slug", "pipelines", "steps");
        if (!properties.TryGetValue("slug", out var slug))
        {
            throw root.Error("'slug' is missing.");
        }

        ClientBuilder? client = null;
        slug.Use(node => client = new(node.Text("the client's slug")));
        if (properties.TryGetValue("pipelines", out var pipelines))
        {
            foreach (var (workstream, node) in pipelines.Map("an object that names a pipeline for each workstream"))
            {
                node.Use(n => client!.Pipeline(workstream, n.Text("the name of a pipeline")));
            }
        }

        if (properties.TryGetValue("steps", out var steps))
        {
            foreach (var (step, node) in steps.Map("an object that has settings for each step"))
            {
                node.Use(n => client!.Step(step, StepSettings.Read(n)));
            }
        }

        return client!.Build();
    }
}
