namespace Enrichment.Pipelines;

/// <summary>A named, ordered list of stages. Immutable; a batch keeps what it was at launch.</summary>
public sealed class PipelineDefinition
{
    internal PipelineDefinition(string name, string version, IReadOnlyList<StageDefinition> stages)
    {
        Name = name;
        Version = version;
        Stages = stages;
    }

    /// <summary>Its name in launches.</summary>
    public string Name { get; }

    /// <summary>Its semantic version, for people: the newest definition of a name is the one that is launched.</summary>
    public string Version { get; }

    /// <summary>From 1 to 1,000 stages, in order.</summary>
    internal IReadOnlyList<StageDefinition> Stages { get; }

    /// <summary>Describes a pipeline in code.</summary>
    /// <exception cref="EnrichmentException">Something in it cannot be; the message says what.</exception>
    public static PipelineDefinition Create(string name, Action<PipelineBuilder> describe)
    {
        var builder = new PipelineBuilder(name);
        try
        {
            describe(builder);
        }
        catch (EnrichmentException exception)
        {
            throw new EnrichmentException($"Pipeline '{name}': {exception.Message}", exception);
        }

        return builder.Build();
    }

    /// <summary>Reads a pipeline from a JSON file in UTF-8. Comments and trailing commas are allowed.</summary>
    /// <exception cref="EnrichmentException">
    /// The file cannot be read or is not a pipeline; the message names file, place and expected form.
    /// </exception>
    public static PipelineDefinition Load(string path) => PipelineReader.Read(DefinitionNode.Load(path));

    /// <summary>Reads a pipeline from JSON.</summary>
    /// <param name="json">The pipeline.</param>
    /// <param name="source">The name of the text in errors, such as a file's name.</param>
    /// <exception cref="EnrichmentException">It is not a pipeline; the message names the place and the expected form.</exception>
    public static PipelineDefinition Parse(string json, string source = "pipeline") =>
        PipelineReader.Read(DefinitionNode.Parse(json, source));
}
