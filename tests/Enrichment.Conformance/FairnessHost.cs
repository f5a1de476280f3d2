using Enrichment.Scheduling;
using Enrichment.Storage;
using Enrichment.Testing;

namespace Enrichment.Conformance;

/// <summary>A host of a fairness walk, with the engine's own rule.</summary>
internal sealed class FairnessHost(int loops, FakeClock clock)
{
    private readonly Dictionary<FairnessWork, TimeSpan> had = [];

    public FairScheduler Share { get; } = new(() => loops, clock);

    public int MaxConcurrentClaims => loops;

    public int Free => loops + 1 - Running.Count;

    public List<FairnessInterval> Running { get; } = [];

    /// <summary>To whom turns went since the last small batch arrived.</summary>
    public List<FairnessWork> Given { get; } = [];

    public void End(FairnessInterval interval)
    {
        Running.Remove(interval);
        had[interval.Work] = had.GetValueOrDefault(interval.Work) + interval.Length;
    }

    /// <summary>The loop time that some work has had until now.</summary>
    public TimeSpan Had(Func<FairnessWork, bool> which)
    {
        var ended = had.Where(each => which(each.Key)).Select(each => each.Value);
        var running = Running.Where(interval => which(interval.Work)).Select(interval => clock.GetUtcNow() - interval.Begun);
        return ended.Concat(running).Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
    }
}

/// <summary>A batch of a fairness walk.</summary>
internal sealed class FairnessWork(Batch batch, short priority, int stages, TimeSpan pace, DateTimeOffset arrived)
{
    public Batch Batch => batch;

    public short Priority => priority;

    public int Stages => stages;

    /// <summary>How long one item takes.</summary>
    public TimeSpan Pace => pace;

    public DateTimeOffset Arrived => arrived;

    public int Intervals { get; set; }
}

/// <summary>An interval that a host of a fairness walk works on.</summary>
internal sealed record FairnessInterval(
    FairnessHost Host,
    ScheduledSlot ScheduledSlot,
    FairnessWork Work,
    Claim Claim,
    DateTimeOffset Begun)
{
    public TimeSpan Length => Work.Pace * Math.Max(1, Claim.Items.Count);

    public DateTimeOffset End => Begun + Length;
}
