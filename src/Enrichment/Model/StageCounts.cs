using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>How many items of a batch have each status at one stage, as maintained with every commit.</summary>
internal sealed record StageCounts
{
    /// <summary>The stage, from 1.</summary>
    public required short Stage { get; init; }

    /// <summary>Waiting, or held by a host.</summary>
    public required int Pending { get; init; }

    /// <summary>Sent and not yet answered.</summary>
    public required int InProgress { get; init; }

    /// <summary>Answered.</summary>
    public required int Completed { get; init; }

    /// <summary>Ended by a fault.</summary>
    public required int Failed { get; init; }

    /// <summary>Nothing to do.</summary>
    public required int Skipped { get; init; }

    /// <summary>Ended by an operator.</summary>
    public required int Cancelled { get; init; }

    /// <summary>Terminal states that the sequencer has not advanced yet.</summary>
    [JsonIgnore]
    public int ToAdvance { get; init; }

    /// <summary>The counts of a stage that no item has reached.</summary>
    public static StageCounts None(short stage) => new()
    {
        Stage = stage, Pending = 0, InProgress = 0, Completed = 0, Failed = 0, Skipped = 0, Cancelled = 0, ToAdvance = 0,
    };
}
