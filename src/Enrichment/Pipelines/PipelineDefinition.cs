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

    /// <summary>How launches ask for it.</summary>
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
    /// The file cannot be read or is no pipeline; the message names file, place and what was expected.
    /// </exception>
    public static PipelineDefinition Load(string path) => PipelineReader.Read(DefinitionNode.Load(path));

    /// <summary>Reads a pipeline from JSON.</summary>
    /// <param name="json">The pipeline.</param>
    /// <param name="source">What an error calls the text, such as a file's name.</param>
    /// <exception cref="EnrichmentException">It is no pipeline; the message says where and what was expected.</exception>
    public static PipelineDefinition Parse(string json, string source = "pipeline") =>
        PipelineReader.Read(DefinitionNode.Parse(json, source));
}
