using System.Collections.Frozen;
using System.Text.Json;
using Enrichment.Providers;

namespace Enrichment.Pipelines;

/// <summary>Everything that a launch depends on before it touches a row.</summary>
internal sealed record PreflightRequest
{
    public static readonly IReadOnlyDictionary<string, JsonElement> None = FrozenDictionary<string, JsonElement>.Empty;

    public required PipelineDefinition Pipeline { get; init; }

    /// <summary>This host's steps, with what other hosts have shown.</summary>
    public required StepCatalogue Steps { get; init; }

    public required string Workstream { get; init; }

    public required string WorkstreamVersion { get; init; }

    /// <summary>The fields that the upload's header map provides.</summary>
    public required IEnumerable<string> Fields { get; init; }

    /// <summary>The workstream's settings by step, weaker than the pipeline's.</summary>
    public IReadOnlyDictionary<string, JsonElement> WorkstreamSettings { get; init; } = None;

    /// <summary>The client's settings by step, stronger than the pipeline's.</summary>
    public IReadOnlyDictionary<string, JsonElement> ClientSettings { get; init; } = None;

    /// <summary>This launch's settings by step, the strongest.</summary>
    public IReadOnlyDictionary<string, JsonElement> BatchSettings { get; init; } = None;

    /// <summary>Whether answers of before the launch do not serve.</summary>
    public bool Refresh { get; init; }

    public SecretResolver Secrets { get; init; } = SecretReference.FromEnvironment;

    /// <summary>What the layers together say to a stage's step; null if nothing.</summary>
    public JsonElement? Settings(StageDefinition stage, StepManifest step) => StepSettings.Merge(step.Settings, Of(WorkstreamSettings, stage), stage.Options, Of(ClientSettings, stage), Of(BatchSettings, stage));

    /// <summary>What the client itself says to a stage's step; null if nothing.</summary>
    public JsonElement? OfClient(StageDefinition stage) => Of(ClientSettings, stage);

    private static JsonElement? Of(IReadOnlyDictionary<string, JsonElement> layer, StageDefinition stage) => layer.TryGetValue(stage.Step, out var settings) ? settings : null;
}
