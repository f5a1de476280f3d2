using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>What was decided about a finding of drift.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DriftStatus>))]
public enum DriftStatus
{
    /// <summary>Nothing yet.</summary>
    [JsonStringEnumMemberName("open")] Open = 0,

    /// <summary>The answers are right as they are now: later ones are compared with those since the change.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted = 1,

    /// <summary>The change does not matter, and is not reported again.</summary>
    [JsonStringEnumMemberName("ignored")] Ignored = 2,
}
