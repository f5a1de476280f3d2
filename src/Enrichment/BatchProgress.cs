namespace Enrichment;

/// <summary>Where a batch stands, from maintained counts: costs the same for ten items and for ten million.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Stages">A line for every stage of its pipeline.</param>
public sealed record BatchProgress(Batch Batch, IReadOnlyList<StageProgress> Stages)
{
    /// <summary>Items whose pipeline has ended.</summary>
    public int Ended => Stages.Sum(stage => stage.Counts.Cancelled + (stage.Optional && !stage.Last ? 0 : stage.Counts.Failed) + (stage.Last ? stage.Counts.Completed + stage.Counts.Skipped : 0));

    /// <summary>From 0 to 1: how much of the work is done. Every stage of every item counts the same; what a failure or a cancellation spares counts as done.</summary>
    public double Share => Batch.Items == 0 || Stages.Count == 0 ? 1 : Math.Clamp(Stages.Select(Done).Sum() / ((double)Batch.Items * Stages.Count), 0, 1);

    /// <summary>Items whose pipeline a failure has ended.</summary>
    public int Failed => Stages.Where(stage => !stage.Optional).Sum(stage => stage.Counts.Failed);

    private long Done(StageProgress stage, int index)
    {
        var passed = stage.Counts.Completed + stage.Counts.Skipped + (stage.Optional ? stage.Counts.Failed : 0);
        var ended = stage.Counts.Cancelled + (stage.Optional ? 0 : stage.Counts.Failed);
        return passed + ((long)ended * (Stages.Count - index));
    }
}

/// <summary>One stage of a batch's progress.</summary>
/// <param name="Step">The step's slug.</param>
/// <param name="Optional">Whether a failure here lets the item pass.</param>
/// <param name="Last">Whether no stage follows.</param>
/// <param name="Counts">The counts; all zero if no item has reached the stage.</param>
public sealed record StageProgress(string Step, bool Optional, bool Last, StageCounts Counts)
{
    /// <summary>The limit under which the stage sends, and what it says now. Null if it has none, or no host has met it yet.</summary>
    public StageLimit? Limit { get; init; }
}
