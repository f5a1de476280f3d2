using Enrichment.Storage;

namespace Enrichment;

/// <summary>Where a batch stands, from maintained counts: costs the same for ten items and for ten million.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Stages">A line for every stage of its pipeline.</param>
public sealed record BatchProgress(Batch Batch, IReadOnlyList<StageProgress> Stages)
{
    /// <summary>Items whose pipeline has ended.</summary>
    public int Ended => Stages.Sum(stage => stage.Counts.Cancelled + (stage.Optional && !stage.Last ? 0 : stage.Counts.Failed) + (stage.Last ? stage.Counts.Completed + stage.Counts.Skipped : 0));

    /// <summary>Items whose pipeline a failure has ended.</summary>
    public int Failed => Stages.Where(stage => !stage.Optional).Sum(stage => stage.Counts.Failed);
}

/// <summary>One stage of a batch's progress.</summary>
/// <param name="Step">The step's slug.</param>
/// <param name="Optional">Whether a failure here lets the item pass.</param>
/// <param name="Last">Whether no stage follows.</param>
/// <param name="Counts">The counts; all zero if no item has reached the stage.</param>
public sealed record StageProgress(string Step, bool Optional, bool Last, StageCounts Counts);
