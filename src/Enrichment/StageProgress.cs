namespace Enrichment;

/// <summary>One stage of a batch's progress.</summary>
public sealed record StageProgress
{
    /// <summary>The step's slug.</summary>
    public required string Step { get; init; }

    /// <summary>Whether a failure here lets the item pass.</summary>
    public required bool Optional { get; init; }

    /// <summary>Whether no stage follows.</summary>
    public required bool Last { get; init; }

    /// <summary>Items that wait to be claimed.</summary>
    public int Pending => Counts.Pending;

    /// <summary>Items whose answer comes later.</summary>
    public int InProgress => Counts.InProgress;

    /// <summary>Items that have a result.</summary>
    public int Completed => Counts.Completed;

    /// <summary>Items that failed.</summary>
    public int Failed => Counts.Failed;

    /// <summary>Items that had nothing to do here.</summary>
    public int Skipped => Counts.Skipped;

    /// <summary>Items whose batch was cancelled here.</summary>
    public int Cancelled => Counts.Cancelled;

    /// <summary>The limit under which the stage sends, and what it says now. Null if it has none, or no host has met it yet.</summary>
    public StageLimit? Limit { get; init; }

    /// <summary>The counts; all zero if no item has reached the stage.</summary>
    internal StageCounts Counts { get; init; } = StageCounts.None(0);
}
