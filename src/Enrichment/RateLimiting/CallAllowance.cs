namespace Enrichment.RateLimiting;

/// <summary>
/// The calls that a claim may make: slots among the host's calls in flight, and the calls of a limit. Disposed when they have been made.
/// </summary>
/// <param name="slots">Where the slots came from; null if the calls need none to begin, or take them wave by wave.</param>
/// <param name="client">Their client.</param>
/// <param name="calls">How many calls.</param>
/// <param name="limiter">The limit; null if the stage has none.</param>
/// <param name="lease">The calls of the limit.</param>
/// <param name="end">Called at the end; null if nothing is.</param>
internal sealed class CallAllowance(
    CallSlots? slots,
    string client,
    int calls,
    DistributedRateLimiter? limiter = null,
    RateLimitLease? lease = null,
    Func<ValueTask>? end = null) : IAsyncDisposable
{
    private int left = slots is null ? 0 : calls;
    private bool taken;

    /// <summary>How many calls may be made.</summary>
    public int Calls { get; private set; } = calls;

    /// <summary>The calls of the limit; null if the stage has none.</summary>
    public RateLimitLease? Lease => lease;

    /// <summary>Keeps no more calls than are needed.</summary>
    public void Keep(int needed)
    {
        Calls = Math.Min(Calls, needed);
        lease?.Keep(needed);
        ReturnAllBut(needed);
    }

    /// <summary>Makes it another's to dispose of.</summary>
    public CallAllowance Take() => Take(limiter, lease, end);

    /// <summary>Hands it over: the new owner disposes of it, together with an action at the end.</summary>
    public CallAllowance Take(Func<ValueTask> end) => Take(limiter, lease, end);

    /// <summary>Hands it over: the new owner disposes of it, together with the calls of a limit and an action at the end.</summary>
    public CallAllowance Take(DistributedRateLimiter? limiter, RateLimitLease? lease, Func<ValueTask>? end)
    {
        var own = new CallAllowance(slots, client, Calls, limiter, lease, end) { left = left };
        (taken, left) = (true, 0);
        return own;
    }

    /// <summary>Leaves the slots of so many calls to the calls, which give them back at their end; the others are given back now.</summary>
    public void HandOver(int made)
    {
        ReturnAllBut(made);
        left = 0;
    }

    /// <summary>
    /// Gives back unused calls. Also after a lost claim: its calls would otherwise count as in flight while this host lives.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        ReturnAllBut(0);
        if (taken)
        {
            return;
        }

        lease?.Dispose();
        if (limiter is not null)
        {
            await limiter.ReturnAsync().ConfigureAwait(false);
        }

        if (end is not null)
        {
            await end().ConfigureAwait(false);
        }
    }

    private void ReturnAllBut(int needed)
    {
        var spare = Math.Max(0, left - needed);
        left -= spare;
        slots?.Return(client, spare);
    }
}
