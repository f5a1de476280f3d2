using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment;

/// <summary>What to launch.</summary>
public sealed record LaunchOptions
{
    /// <summary>The name of the pipeline. Null: the client's for the upload's workstream, else the workstream's default.</summary>
    public string? Pipeline { get; init; }

    /// <summary>A pipeline's definition, instead of a name.</summary>
    public PipelineDefinition? Definition { get; init; }

    /// <summary>
    /// Makes the launch repeatable: the same key and the same request give the same batch, another request under it is refused. Null: each
    /// call launches a batch of its own.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Only these rows of the upload, by number; rejected ones cannot be chosen. Null: all.</summary>
    public IReadOnlyList<int>? Rows { get; init; }

    /// <summary>Only rows whose uploaded fields satisfy this condition. Null: all.</summary>
    public Condition? Where { get; init; }

    /// <summary>At most so many rows, the first of those that the other options leave; from 1. Null: all.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// How much of the work that its client is given goes to this batch: with 20 it gets twice as much time as one with 10, while both have
    /// something due. It takes nothing from other clients.
    /// </summary>
    /// <value>10. From 1 to 100; changed later by <see cref="EnrichmentClient.SetPriorityAsync"/>.</value>
    public int Priority { get; init; } = 10;

    /// <summary>
    /// True to make new requests for entities whose stored answers are older than this launch, even if they are fresh. Items of the batch
    /// still
    /// share one call.
    /// </summary>
    public bool Refresh { get; init; }

    /// <summary>
    /// Settings of this batch by step, stronger than the client's, the pipeline's and the workstream's. Secrets as <c>secret:NAME</c> only.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = new Dictionary<string, JsonElement>();
}
