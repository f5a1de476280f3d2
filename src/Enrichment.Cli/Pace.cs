namespace Enrichment.Cli;

/// <summary>How fast a batch gets on, since this process looks at it.</summary>
internal sealed class Pace(BatchProgress atFirst)
{
    private readonly long began = TimeProvider.System.GetTimestamp();

    public string Describe(BatchProgress progress)
    {
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        var perSecond = elapsed > TimeSpan.Zero ? (progress.Share - atFirst.Share) / elapsed.TotalSeconds : 0;
        var left = progress.Batch.HasEnded || perSecond <= 0 ? "" : $", {Span(TimeSpan.FromSeconds(Math.Min((1 - progress.Share) / perSecond, 1e8)))} left";
        return $"{progress.Ended:n0}/{progress.Batch.Items:n0} items, {perSecond * progress.Batch.Items:n0} items/s, {progress.Failed:n0} failed{left}";
    }

    private static string Span(TimeSpan time) => time.TotalHours >= 1 ? $"{(int)time.TotalHours} h {time.Minutes} min" : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{Math.Ceiling(time.TotalSeconds):0} s";
}
