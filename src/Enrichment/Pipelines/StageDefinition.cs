using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// One stage of a pipeline: a step, and what this pipeline wants of it. Made by <see cref="StageBuilder"/> or read from a file.
/// </summary>
internal sealed record StageDefinition
{
    internal StageDefinition()
    {
    }

    /// <summary>The step's slug.</summary>
    public required string Step { get; init; }

    /// <summary>Which versions will do, in NuGet's notation: <c>[1.0,2.0)</c>, or <c>1.2</c> for that or later. Null: any.</summary>
    public string? Version { get; init; }

    /// <summary>Items for which it does not hold are skipped here. Null: none is.</summary>
    public Condition? When { get; init; }

    /// <summary>Whether an item goes on if it fails here.</summary>
    public bool Optional { get; init; }

    /// <summary>
    /// The pipeline's settings for the step, a JSON object: stronger than the workstream's, weaker than the client's and the batch's. Null:
    /// none.
    /// </summary>
    public JsonElement? Options { get; init; }

    /// <summary>What differs from the step's own retries. Null: nothing.</summary>
    public RetryOverride? Retry { get; init; }

    /// <summary>How long one attempt may take. Null: as the step's manifest says.</summary>
    public TimeSpan? Timeout { get; init; }
}
