using System.Collections.Concurrent;

namespace Enrichment.Plans;

/// <summary>
/// When something that failed for a batch is tried again: more and more rarely, because the fault may pass or be mended outside.
/// Thread-safe.
/// </summary>
internal sealed class BatchBackoff(TimeProvider time)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<(int Batch, int Version), BatchFailure> failures = new();

    /// <summary>Whether it may be tried now.</summary>
    public bool IsDue(Batch batch) =>
        !failures.TryGetValue((batch.Key, batch.Version), out var failure) || time.GetElapsedTime(failure.Since) >= failure.Wait;

    public void Failed(Batch batch) => failures.AddOrUpdate(
        (batch.Key, batch.Version),
        _ => new(time.GetTimestamp(), FirstWait),
        (_, last) => new(time.GetTimestamp(), TimeSpan.FromTicks(Math.Min(2 * last.Wait.Ticks, LongestWait.Ticks))));

    public void Succeeded(Batch batch) => failures.TryRemove((batch.Key, batch.Version), out _);

    private readonly record struct BatchFailure(long Since, TimeSpan Wait);
}
