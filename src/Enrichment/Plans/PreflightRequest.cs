using System.Collections.Frozen;
using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.Providers;

namespace Enrichment.Plans;

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

    /// <summary>The client that launches.</summary>
    public string Client { get; init; } = "";

    /// <summary>Whether the pipeline came with the launch: its settings are the launch's.</summary>
    public bool LaunchedPipeline { get; init; }

    /// <summary>Whose settings the host trusts like its own.</summary>
    public SettingsTrust Trust { get; init; } = new();

    /// <summary>The host's services, for settings that check themselves against what the host allows.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>What the layers together say to a stage's step; null if nothing.</summary>
    public JsonElement? Settings(StageDefinition stage, StepManifest step) =>
        StepSettings.Merge(
            step.Settings,
            Of(WorkstreamSettings, stage),
            stage.Options,
            Of(ClientSettings, stage),
            Of(BatchSettings, stage));

    /// <summary>What the host itself says to a stage's step; null if nothing.</summary>
    public JsonElement? OfHost(StageDefinition stage, StepManifest step) =>
        StepSettings.Merge(step.Settings, Of(WorkstreamSettings, stage), LaunchedPipeline ? null : stage.Options);

    /// <summary>What clients and launches say to a stage's step, the strongest last; null if nothing.</summary>
    public IReadOnlyList<SettingsOverride>? Overrides(StageDefinition stage)
    {
        (SettingsLayer Layer, JsonElement? Settings)[] layers =
        [
            (SettingsLayer.Launch, LaunchedPipeline ? stage.Options : null),
            (SettingsLayer.Client, Of(ClientSettings, stage)),
            (SettingsLayer.Launch, Of(BatchSettings, stage)),
        ];
        List<SettingsOverride> said =
        [
            .. layers
                .Where(layer => layer.Settings is not null)
                .Select(layer => new SettingsOverride(layer.Layer, layer.Settings!.Value, Trust.Covers(layer.Layer, stage.Step))),
        ];
        return said.Count == 0 ? null : said;
    }

    /// <summary>What the client itself says to a stage's step; null if nothing.</summary>
    public JsonElement? OfClient(StageDefinition stage) => Of(ClientSettings, stage);

    private static JsonElement? Of(IReadOnlyDictionary<string, JsonElement> layer, StageDefinition stage) =>
        layer.TryGetValue(stage.Step, out var settings) ? settings : null;
}
