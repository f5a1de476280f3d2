using System.Collections.Concurrent;
using Enrichment.Plans;

namespace Enrichment.Scheduling;

/// <summary>Whether all loops of a worker have looked and found nothing, and none of them has been called since.</summary>
internal sealed class Idleness(int loops)
{
    private readonly ConcurrentDictionary<object, (Task Heard, WorkSignal Signal)> waiting = new();

    /// <summary>A loop has found nothing and begins to wait.</summary>
    /// <param name="loop">Which.</param>
    /// <param name="hint">The signal as it was before the loop looked.</param>
    /// <param name="signal">The signal that calls it.</param>
    /// <returns>True if with it all are idle.</returns>
    public bool Begin(object loop, Task hint, WorkSignal signal)
    {
        waiting[loop] = (hint, signal);
        return waiting.Count == loops && waiting.Values.All(loop => loop.Heard == loop.Signal.Next);
    }

    /// <summary>A loop looks again.</summary>
    public void End(object loop) => waiting.TryRemove(loop, out _);
}
