using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>The status of one item at one stage. The numbers are stored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Status>))]
public enum Status
{
    /// <summary>
    /// Waits for a host, or for its date. Put here by launch, the sequencer, a retry; left when a lease covers it and it is due.
    /// </summary>
    [JsonStringEnumMemberName("pending")] Pending = 0,

    /// <summary>A host holds it. Derived, never stored: PENDING, due, and inside a live lease.</summary>
    [JsonStringEnumMemberName("queued")] Queued = 1,

    /// <summary>Sent; a callback, a poll or its entity's answer will end it, else its deadline.</summary>
    [JsonStringEnumMemberName("in_progress")] InProgress = 2,

    /// <summary>Answered: exactly one stored result belongs to it.</summary>
    [JsonStringEnumMemberName("completed")] Completed = 3,

    /// <summary>Ended without an answer, with an error class and a reason. Ends the pipeline, unless the stage is optional.</summary>
    [JsonStringEnumMemberName("failed")] Failed = 4,

    /// <summary>There was nothing to do here; the item passes.</summary>
    [JsonStringEnumMemberName("skipped")] Skipped = 5,

    /// <summary>An operator ended it. Ends the pipeline.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled = 6,
}
