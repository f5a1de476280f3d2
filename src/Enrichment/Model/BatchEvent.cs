using System.Text.Json.Serialization;
using Enrichment.Json;

namespace Enrichment;

/// <summary>A lasting note about a batch.</summary>
/// <param name="Kind">launched, paused, resumed, prioritized, retried, skipped, supplied, cancelled, completed, pruned.</param>
/// <param name="Detail">JSON, if there is more to say.</param>
/// <param name="At">When.</param>
public sealed record BatchEvent(string Kind, [property: JsonConverter(typeof(RawJsonTextConverter))] string? Detail, DateTimeOffset At);
