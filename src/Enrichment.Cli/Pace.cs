namespace Enrichment.Cli;

/// <summary>How fast a batch gets on, since this process looks at it. The time in which it is paused does not count.</summary>
/// <remarks>
/// The time left is told only once every stage with work left has done some under these eyes: before, nothing is known of the pace of those
/// to come, and a pipeline whose slow stage stands last would seem to be nearly done. While a vendor takes no calls, it is not told.
/// </remarks>
internal sealed class Pace(TimeProvider? time = null)
{
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Dictionary<int, (TimeSpan At, long Done)> began = [];
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
            if (stage.Done > 0)
            {
                began.TryAdd(stage.Index, (worked, stage.Done));
            }
        }

        var now = stages.FirstOrDefault(stage => stage.Left > 0);
        return $"{progress.Ended:n0} of {Plural.Of(progress.Batch.Items, "item")} ended, {progress.Failed:n0} failed"
            + (now.Step is null || progress.Batch.HasEnded ? ""
                : $", {now.Done:n0} of {now.Done + now.Left:n0} through stage {now.Index + 1} of {stages.Count} ({now.Step})")
            + (!progress.Stages.Any(IsStopped) && TimeLeft(stages.Where(stage => stage.Left > 0).Select(stage => (stage.Index, stage.Done, stage.Left))) is { } left
                ? $", {Span(left)} left" : "");
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

    /// <summary>Of the stage that needs longest. Null if any has not been seen at work.</summary>
    private TimeSpan? TimeLeft(IEnumerable<(int Index, long Done, long Left)> open)
    {
        TimeSpan? longest = null;
        foreach (var stage in open)
        {
            if (!began.TryGetValue(stage.Index, out var first) || stage.Done <= first.Done)
            {
                return null;
            }

            var each = (worked - first.At) / (stage.Done - first.Done);
            var left = TimeSpan.FromSeconds(Math.Min(each.TotalSeconds * stage.Left, 1e8));
            longest = longest > left ? longest : left;
        }

        return longest;
    }

    private static long Done(StageProgress stage) =>
        stage.Counts.Completed + stage.Counts.Skipped + stage.Counts.Failed + stage.Counts.Cancelled;

    // Items that have yet to pass the stage: all but those that have, and those whose pipeline ended before it.
    private static long Left(BatchProgress progress, int index) => progress.Batch.HasEnded ? 0 : Math.Max(0, progress.Batch.Items
        - Done(progress.Stages[index])
        - progress.Stages.Take(index).Sum(stage => (long)stage.Counts.Cancelled + (stage.Optional ? 0 : stage.Counts.Failed)));

    private static string Span(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min"
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
        : $"{Math.Ceiling(time.TotalSeconds):0} s";
}
