using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>A batch's status. The numbers are stored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchStatus>))]
public enum BatchStatus
{
    /// <summary>Launched; no host has claimed of it yet.</summary>
    [JsonStringEnumMemberName("pending")] Pending = 0,

    /// <summary>Hosts work on it.</summary>
    [JsonStringEnumMemberName("running")] Running = 1,

    /// <summary>An operator has paused it: no more of its items are claimed; calls in flight end.</summary>
    [JsonStringEnumMemberName("paused")] Paused = 2,

    /// <summary>Every item's pipeline has ended, none by failure.</summary>
    [JsonStringEnumMemberName("completed")] Completed = 3,

    /// <summary>Every item's pipeline has ended, some by failure.</summary>
    [JsonStringEnumMemberName("completed_with_failures")] CompletedWithFailures = 4,

    /// <summary>An operator ended it.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled = 5,
}
