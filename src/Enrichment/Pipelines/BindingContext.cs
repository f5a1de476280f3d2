using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>The step and the client for which settings are bound.</summary>
/// <param name="Step">The step's manifest; an options type that validates itself may read it from its context.</param>
/// <param name="Client">The client whose batch it is.</param>
/// <param name="Secrets">Resolves secrets. Its exceptions are passed on.</param>
internal sealed record BindingContext(StepManifest Step, string Client, SecretResolver Secrets)
{
    /// <summary>What clients and launches said, the strongest last.</summary>
    public IReadOnlyList<SettingsOverride> Overrides { get; init; } = [];

    /// <summary>The host's services, for options that check themselves against what the host allows; null if it has none.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>The strongest layer that says something here said this.</summary>
    public SettingsLayer LayerOf(string reference, IReadOnlyList<string> path) => Overrides
        .Where(layer => SettingPath.Find(layer.Settings, path) is { ValueKind: JsonValueKind.String } said && said.ValueEquals(reference))
        .Select(layer => layer.Layer)
        .LastOrDefault(SettingsLayer.Host);
}
