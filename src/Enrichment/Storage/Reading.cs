using System.Text.Json.Serialization;
using Enrichment.Consolidation;
using Enrichment.Execution;

namespace Enrichment.Storage;

/// <summary>How many items of a batch stand where at one stage, as maintained with every commit.</summary>
public sealed record StageCounts
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

    /// <summary>Terminal states on which the sequencer has yet to act.</summary>
    [JsonIgnore]
    public int ToAdvance { get; init; }

    /// <summary>The counts of a stage that no item has reached.</summary>
    public static StageCounts None(short stage) => new()
    {
        Stage = stage, Pending = 0, InProgress = 0, Completed = 0, Failed = 0, Skipped = 0, Cancelled = 0, ToAdvance = 0,
    };
}

/// <summary>The state of an item at a stage, QUEUED and the reason of waiting derived.</summary>
public sealed record ItemState
{
    /// <summary>The item.</summary>
    public required int Item { get; init; }

    /// <summary>The stage, from 1.</summary>
    public required short Stage { get; init; }

    /// <summary>The generation.</summary>
    public required short Generation { get; init; }

    /// <summary>Where it stands.</summary>
    public required Status Status { get; init; }

    /// <summary>The last attempt's number; 0 if none was made.</summary>
    public required int Attempt { get; init; }

    /// <summary>The tries used of this generation's budget.</summary>
    public required short Tries { get; init; }

    /// <summary>Why a non-terminal state waits: due, retry, rate_limit, vendor_credits, breaker, capable_host, paused; of one that was sent: callback, poll, entity.</summary>
    public string? Reason { get; init; }

    /// <summary>When something will act on a non-terminal state: its date, or the lease's end.</summary>
    public DateTimeOffset? ActsAt { get; init; }

    /// <summary>The class of the last fault.</summary>
    [JsonConverter(typeof(WordConverter))]
    public ErrorClass? ErrorClass { get; init; }

    /// <summary>The last fault, or why skipped.</summary>
    public string? Error { get; init; }

    /// <summary>When the state last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>One thing that happened to an item.</summary>
/// <param name="At">When, by the store's clock.</param>
/// <param name="Stage">At which stage.</param>
/// <param name="Generation">In which generation; null where the row does not say.</param>
/// <param name="Attempt">Of which attempt; null if of none.</param>
/// <param name="What">In a word: <c>attempt started</c>, <c>attempt completed</c>, <c>completed</c>, <c>failed</c>, <c>replaced</c>, …</param>
/// <param name="Detail">The error or reason, if there was one.</param>
public sealed record TimelineEntry(DateTimeOffset At, short Stage, short? Generation, int? Attempt, string What, string? Detail);

/// <summary>A stored result.</summary>
/// <param name="Item">Whose.</param>
/// <param name="Stage">Of which stage.</param>
/// <param name="Attempt">By which attempt.</param>
/// <param name="Kind">Completed or NotFound.</param>
/// <param name="Data">Canonical UTF-8 JSON.</param>
/// <param name="CreatedAt">When it was stored.</param>
public sealed record StoredResult(
    int Item,
    short Stage,
    int Attempt,
    [property: JsonConverter(typeof(WordConverter))] StepOutcomeKind Kind,
    [property: JsonConverter(typeof(RawJsonBytesConverter))] ReadOnlyMemory<byte> Data,
    DateTimeOffset CreatedAt);

/// <summary>An item with everything that is known of it: its row, the results that its states refer to, ascending by stage, and the state of its latest stage.</summary>
public sealed record ItemSnapshot(int Item, ReadOnlyMemory<byte> Raw, IReadOnlyList<(short Stage, ReadOnlyMemory<byte> Result)> Results, short Stage, Status Status, string? Error);

/// <summary>A lasting note about a batch.</summary>
/// <param name="Kind">launched, paused, resumed, prioritized, retried, skipped, supplied, cancelled, completed, pruned.</param>
/// <param name="Detail">JSON, if there is more to say.</param>
/// <param name="At">When.</param>
public sealed record BatchEvent(string Kind, [property: JsonConverter(typeof(RawJsonTextConverter))] string? Detail, DateTimeOffset At);

/// <summary>A violated invariant.</summary>
/// <param name="Invariant">Its number in the documentation.</param>
/// <param name="Check">The check's name.</param>
/// <param name="Detail">What was found, naming the rows.</param>
public sealed record Finding(int Invariant, string Check, string Detail)
{
    /// <summary>A batch that has ended is missing from a projection's table.</summary>
    public static Finding NotShown(Projection projection, Guid batch) =>
        new(7, "projection", $"batch {batch} has ended, but the table '{projection.Table}' of projection '{projection.Name}' does not show it: a host's log says why its consolidation fails; consolidate it when that is mended");

    /// <summary>A projection's table differs from what a rebuild makes of it.</summary>
    public static Finding NotAsRebuilt(Projection projection) =>
        new(7, "projection", $"the table '{projection.Table}' of projection '{projection.Name}' is not what a rebuild makes of it: rebuild it, and look for who else writes it");
}
