namespace Enrichment.Cli;

/// <summary>The speed of a batch, since this process watches it. The time in which it is paused does not count.</summary>
/// <remarks>
/// The remaining time is shown only once every stage with work left has done some of it meanwhile: before that the speed of later stages is
/// unknown, and a pipeline with a slow last stage would seem nearly done. It counts from the last outcome of the stage, so it never grows
/// while calls hang. It is not shown when the next outcome is long overdue, or while a vendor takes no calls.
/// </remarks>
internal sealed class Pace(TimeProvider? time = null)
{
    private const int OverdueOutcomes = 3;

    // A wave of calls that a vendor takes some seconds for is no standstill.
    private static readonly TimeSpan ShortestStandstill = TimeSpan.FromSeconds(10);
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Dictionary<int, StagePace> paces = [];
    private (long At, bool Paused)? look;
    private TimeSpan worked;

    public string Describe(BatchProgress progress)
    {
        Count(progress.Batch.Status == BatchStatus.Paused);
        var stages = progress.Stages.Select((stage, index) => (Index: index, stage.Step, Done: Done(stage), Left: Left(progress, index)))
            .ToList();
        foreach (var stage in stages)
        {
            // From its first outcome on: what lay before is the time in which other stages had their turn.
            if (!paces.TryGetValue(stage.Index, out var pace))
            {
                pace = new(worked, stage.Done, worked, stage.Done);
            }

            if (stage.Done > 0)
            {
                paces[stage.Index] = stage.Done == pace.LastDone ? pace : pace with { LastAt = worked, LastDone = stage.Done };
            }
        }

        var now = stages.FirstOrDefault(stage => stage.Left > 0);
        return $"{progress.Ended:n0} of {Plural.Of(progress.Batch.Items, "item")} ended, {progress.Failed:n0} failed"
            + (
                now.Step is null || progress.Batch.HasEnded
                    ? ""
                    : $", {now.Done:n0} of {now.Done + now.Left:n0} through stage {now.Index + 1} of {stages.Count} ({now.Step})")
            + (
                !progress.Stages.Any(IsStopped)
                && TimeLeft(stages.Where(stage => stage.Left > 0).Select(stage => (stage.Index, stage.Left))) is { } left
                    ? $", {DurationWords.Of(TimeSpan.FromSeconds(Math.Ceiling(left.TotalSeconds)))} left"
                    : "");
    }

    /// <summary>Whether nothing of a stage is called until a vendor has been tried once: how long that takes cannot be told.</summary>
    public static bool IsStopped(StageProgress stage) => stage is { Limit.Reason: "vendor_credits" or "breaker", Counts.Pending: > 0 };

    private void Count(bool paused)
    {
        if (look is { Paused: false } last && !paused)
        {
            worked += time.GetElapsedTime(last.At);
        }

        look = (time.GetTimestamp(), paused);
    }

    /// <summary>Of the stage that needs longest. Null if any has made no progress yet, or has stopped.</summary>
    private TimeSpan? TimeLeft(IEnumerable<(int Index, long Left)> open)
    {
        TimeSpan? longest = null;
        foreach (var stage in open)
        {
            if (!paces.TryGetValue(stage.Index, out var pace) || pace.LastDone <= pace.FirstDone)
            {
                return null;
            }

            var each = (pace.LastAt - pace.FirstAt) / (pace.LastDone - pace.FirstDone);
            var since = worked - pace.LastAt;
            if (since > ShortestStandstill && since > each * OverdueOutcomes)
            {
                return null;
            }

            var left = TimeSpan.FromSeconds(Math.Min(each.TotalSeconds * stage.Left, 1e8)) - since;
            longest = longest > left ? longest : left;
        }

        return longest > TimeSpan.Zero ? longest : null;
    }

    private static long Done(StageProgress stage) =>
        stage.Completed + stage.Skipped + stage.Failed + stage.Cancelled;

    // Items that have yet to pass the stage: all but those that have, and those whose pipeline ended before it.
    private static long Left(BatchProgress progress, int index) => progress.Batch.HasEnded ? 0 : Math.Max(0, progress.Batch.Items
        - Done(progress.Stages[index])
        - progress.Stages.Take(index).Sum(stage => (long)stage.Cancelled + (stage.Optional ? 0 : stage.Failed)));

    /// <summary>When the first and the last outcomes of a stage were seen, and how many there were.</summary>
    private sealed record StagePace(TimeSpan FirstAt, long FirstDone, TimeSpan LastAt, long LastDone);
}
