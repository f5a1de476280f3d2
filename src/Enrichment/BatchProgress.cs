namespace Enrichment;

/// <summary>The progress of a batch, from maintained counts: it costs the same for ten items and for ten million.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Stages">A line for every stage of its pipeline.</param>
public sealed record BatchProgress(Batch Batch, IReadOnlyList<StageProgress> Stages)
{
    /// <summary>Items whose pipeline has ended.</summary>
    public int Ended =>
        Stages.Sum(stage =>
            stage.Cancelled + (stage.Optional && !stage.Last ? 0 : stage.Failed) + (stage.Last ? stage.Completed + stage.Skipped : 0));

    /// <summary>
    /// From 0 to 1: how much of the work is done. Every stage of every item counts the same; stages that a failure or a cancellation leaves
    /// out count as done.
    /// </summary>
    public double Share =>
        Batch.Items == 0 || Stages.Count == 0 ? 1 : Math.Clamp(Stages.Select(Done).Sum() / ((double)Batch.Items * Stages.Count), 0, 1);

    /// <summary>Items whose pipeline a failure has ended.</summary>
    public int Failed => Stages.Where(stage => !stage.Optional).Sum(stage => stage.Failed);

    private long Done(StageProgress stage, int index)
    {
        var passed = stage.Completed + stage.Skipped + (stage.Optional ? stage.Failed : 0);
        var ended = stage.Cancelled + (stage.Optional ? 0 : stage.Failed);
        return passed + ((long)ended * (Stages.Count - index));
    }
}
