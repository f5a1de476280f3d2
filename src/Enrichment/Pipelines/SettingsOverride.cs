using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// What a client or a launch says to a stage's step. Stands in the snapshot beside the merged settings, so that every host that binds them
/// can tell whose word is which.
/// </summary>
/// <param name="Layer">Whose.</param>
/// <param name="Settings">What it says; an object.</param>
/// <param name="Trusted">Whether the host takes its word for its own: it may change what is fixed, and name any secret.</param>
internal sealed record SettingsOverride(SettingsLayer Layer, JsonElement Settings, bool Trusted);
