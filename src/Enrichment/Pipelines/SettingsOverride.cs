using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// The settings of a client or a launch for a stage's step. Part of the snapshot beside the merged settings, so that every host that binds
/// them knows the origin of each.
/// </summary>
/// <param name="Layer">Whose.</param>
/// <param name="Settings">The settings; an object.</param>
/// <param name="Trusted">Whether the host trusts it: it may set fixed properties, and name any secret.</param>
internal sealed record SettingsOverride(SettingsLayer Layer, JsonElement Settings, bool Trusted);
