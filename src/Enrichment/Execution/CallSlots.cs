namespace Enrichment.Execution;

/// <summary>The calls that this host may have in flight, shared between clients alike: a client whose calls hang keeps no other from calling.</summary>
/// <remarks>
/// A share is kept for clients that have little in flight, as one claim loop is. While several clients wait, the one with the fewest calls in flight is first.
/// Slots are given in lots: one at a time, each call that ends would cost a claim of its own.
/// </remarks>
/// <param name="most">How many calls the host may have in flight.</param>
/// <param name="time">The host's clock.</param>
internal sealed class CallSlots(int most, TimeProvider time)
{
    /// <summary>How long a client waits for a whole lot. Then fewer will do: the rest may be with calls that hang.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    // Work that waited may have gone to another host, without a word to this one.
    private static readonly TimeSpan WaitsFor = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly WorkSignal returned = new();
    private readonly Dictionary<string, Share> shares = [];
    private readonly int kept = most == 1 ? 0 : Math.Max(1, most / 8);
    private readonly int lot = most == 1 ? 1 : Math.Max(1, (most - Math.Max(1, most / 8)) / 8);
    private int free = most;

    /// <summary>The task to take before slots are asked for; it ends when some are given back.</summary>
    public Task Returned => returned.Next;

    /// <summary>Takes slots for a claim: at most half of those that a client may have now, so that another claim can be made meanwhile.</summary>
    /// <returns>How many; 0 if it has to wait.</returns>
    public int TryTake(string client, int wanted)
    {
        lock (gate)
        {
            var (share, now) = (ShareOf(client), time.GetTimestamp());
            var available = Available(share, now);
            var enough = Math.Min(wanted, lot);
            if (available < enough && (available == 0 || share.WaitsSince is not { } since || time.GetElapsedTime(since, now) < Patience))
            {
                share.WaitsSince ??= now;
                share.AskedAt = now;
                return 0;
            }

            return Give(share, Math.Min(wanted, Math.Min(available, Math.Max(enough, (available + 1) / 2))));
        }
    }

    /// <summary>Takes the slot of one call that is already being made.</summary>
    public bool TryTakeOne(string client)
    {
        lock (gate)
        {
            var share = ShareOf(client);
            return Available(share, time.GetTimestamp()) > 0 && Give(share, 1) == 1;
        }
    }

    /// <summary>Gives slots back.</summary>
    public void Return(string client, int count)
    {
        if (count == 0)
        {
            return;
        }

        lock (gate)
        {
            var share = shares[client];
            share.Held -= count;
            free += count;
            if (share.Held == 0)
            {
                shares.Remove(client);
            }
        }

        returned.Raise();
    }

    private Share ShareOf(string client)
    {
        if (!shares.TryGetValue(client, out var share))
        {
            shares[client] = share = new();
        }

        return share;
    }

    private int Available(Share share, long now)
    {
        foreach (var other in shares.Values)
        {
            if (other.WaitsSince is not null && other.Held < share.Held && time.GetElapsedTime(other.AskedAt, now) <= WaitsFor)
            {
                return 0;
            }
        }

        return Math.Max(0, Math.Max(free - kept, Math.Min(free, kept - share.Held)));
    }

    private int Give(Share share, int count)
    {
        share.WaitsSince = null;
        share.Held += count;
        free -= count;
        return count;
    }

    private sealed class Share
    {
        public int Held { get; set; }

        /// <summary>Since when it has waited in vain; null if it does not wait.</summary>
        public long? WaitsSince { get; set; }

        public long AskedAt { get; set; }
    }
}
