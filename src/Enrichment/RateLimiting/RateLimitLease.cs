namespace Enrichment.RateLimiting;

/// <summary>
/// The calls that a claim may make under a rate limit: no more is claimed than they serve. Disposed when they have been made.
/// </summary>
#pragma warning disable CA1001 // Its cancellation source is never disposed: without a timer it holds nothing, and a call may still wait on it.
internal sealed class RateLimitLease(DistributedRateLimiter limiter, int calls, TimeProvider time) : IDisposable
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource stopped = new();
    private int left = calls;

    /// <summary>How many calls are left of it.</summary>
    public int Left => Math.Max(0, Volatile.Read(ref left));

    /// <summary>Waits for the time of the next call.</summary>
    /// <returns>Null if it may not be made: its time has passed, the vendor asked to slow down, or the host stops.</returns>
    public async ValueTask<Permit?> EnterAsync()
    {
        if (Interlocked.Decrement(ref left) < 0)
        {
            return null;
        }

        for (var permit = limiter.Take(promised: 1); permit is not null; permit = limiter.Take(promised: 0))
        {
            var wait = time.GetElapsedTime(time.GetTimestamp(), permit.At);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, stopped.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (!stopped.IsCancellationRequested && limiter.Begin(permit))
            {
                return permit;
            }

            permit.End();
            if (stopped.IsCancellationRequested)
            {
                break;
            }
        }

        return null;
    }

    /// <summary>
    /// Takes the next calls, for workers that make them. There may be fewer than asked for. The caller ends each when its task is written:
    /// before that, nothing else counts it among the calls in flight.
    /// </summary>
    public List<Permit> TakeAll(int calls)
    {
        var permits = new List<Permit>(calls);
        while (permits.Count < calls && Interlocked.Decrement(ref left) >= 0 && limiter.Take(promised: 1) is { } permit)
        {
            permits.Add(permit);
        }

        return permits;
    }

    /// <summary>Keeps no more calls than are needed.</summary>
    public void Keep(int needed)
    {
        var spare = Left - needed;
        if (spare > 0 && Interlocked.Add(ref left, -spare) >= 0)
        {
            limiter.GiveBack(spare);
        }
    }

    /// <summary>Allows no further call, and ends all waits for one.</summary>
    public void Stop() => _ = stopped.CancelAsync();

    public void Dispose()
    {
        var unmade = Interlocked.Exchange(ref left, 0);
        if (unmade > 0)
        {
            limiter.GiveBack(unmade);
        }
    }
}
