using Enrichment.Plans;

namespace Enrichment.RateLimiting;

/// <summary>
/// The calls that this host may have in flight, shared between clients alike: a client whose calls hang keeps no other from calling.
/// </summary>
/// <remarks>
/// A share is kept for clients that have little in flight, as one claim loop is. While several clients wait, the one with the fewest calls
/// in flight is first. Slots are given in lots: one at a time, each call that ends would cost a transaction of its own.
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
    private readonly Dictionary<string, SlotShare> shares = [];
    private int kept = Kept(most);
    private int lot = Lot(most);
    private int size = most;
    private int free = most;
    private int wakeAt = int.MaxValue;

    /// <summary>The task to take before slots are requested; it ends when enough slots for a refused request were given back.</summary>
    public Task Returned => returned.Next;

    /// <summary>Changes how many there are. Of fewer, those above are gone as soon as they are given back.</summary>
    public void Resize(int most)
    {
        lock (gate)
        {
            free += most - size;
            (size, kept, lot) = (most, Kept(most), Lot(most));
            wakeAt = int.MaxValue;
        }

        returned.Raise();
    }

    /// <summary>
    /// Whether a client may claim items whose calls take their slots afterwards: if there are some, or if there will be because attempts
    /// are only being written.
    /// </summary>
    public bool MayClaim(string client, int calls)
    {
        lock (gate)
        {
            var share = ShareOf(client);
            return share.Claims == 0 && (share.Beginning >= lot || Available(share, calls) > 0);
        }
    }

    /// <summary>Takes slots for calls that can be made as soon as there are some.</summary>
    /// <returns>How many; 0 if it has to wait.</returns>
    public int TryTake(string client, int wanted)
    {
        lock (gate)
        {
            var share = ShareOf(client);
            return Give(share, Available(share, wanted));
        }
    }

    /// <summary>Takes slots for calls of items that are claimed, and waits for them. Meanwhile their client claims nothing more.</summary>
    /// <param name="client">Their client.</param>
    /// <param name="wanted">The most.</param>
    /// <param name="waits">Called if there are none now.</param>
    /// <param name="atMost">How long to wait.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>How many; 0 if the wait ended without any. <see cref="Begin"/> says that their attempts are written.</returns>
    public async Task<int> TakeAsync(string client, int wanted, Action waits, TimeSpan atMost, CancellationToken stop)
    {
        var asked = time.GetTimestamp();
        Change(client, share => share.Claims++);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var hint = Returned;
                if (TryTake(client, wanted) is > 0 and var taken)
                {
                    Change(client, share => share.Beginning += taken);
                    return taken;
                }

                waits();
                if (time.GetElapsedTime(asked) >= atMost)
                {
                    break;
                }

                await time.WaitAsync(hint, Patience, stop).ConfigureAwait(false);
            }

            return 0;
        }
        finally
        {
            Change(client, share => share.Claims--);
        }
    }

    /// <summary>Says that attempts of calls that took their slots are written, or that they never will be.</summary>
    public void Begin(string client, int taken) => Change(client, share => share.Beginning -= taken);

    /// <summary>Takes the slot of one call that is already being made.</summary>
    public bool TryTakeOne(string client)
    {
        lock (gate)
        {
            var share = ShareOf(client);
            return Free(share, time.GetTimestamp()) > 0 && Give(share, 1) == 1;
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
            Forget(client, share);
            if (free < wakeAt)
            {
                return;
            }

            wakeAt = int.MaxValue;
        }

        returned.Raise();
    }

    private static int Kept(int most) => most / 8;

    private static int Lot(int most) => Math.Max(1, (most - Kept(most)) / 4);

    private void Change(string client, Action<SlotShare> change)
    {
        lock (gate)
        {
            var share = ShareOf(client);
            change(share);
            Forget(client, share);
        }
    }

    private void Forget(string client, SlotShare share)
    {
        if (share is { Held: 0, Claims: 0, Beginning: 0, WaitsSince: null })
        {
            shares.Remove(client);
        }
    }

    private SlotShare ShareOf(string client)
    {
        if (!shares.TryGetValue(client, out var share))
        {
            shares[client] = share = new();
        }

        return share;
    }

    /// <summary>
    /// How many of those that are wanted a client may have now: a lot, or after a wait fewer. If none, it waits from now on.
    /// </summary>
    private int Available(SlotShare share, int wanted)
    {
        var now = time.GetTimestamp();
        var (available, enough) = (Free(share, now), Math.Min(wanted, lot));
        if (available >= enough || (available > 0 && share.WaitsSince is { } since && time.GetElapsedTime(since, now) >= Patience))
        {
            return Math.Min(wanted, available);
        }

        share.WaitsSince ??= now;
        share.AskedAt = now;
        wakeAt = Math.Min(wakeAt, free + enough - available);
        return 0;
    }

    private int Free(SlotShare share, long now)
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

    private int Give(SlotShare share, int count)
    {
        share.WaitsSince = count > 0 ? null : share.WaitsSince;
        share.Held += count;
        free -= count;
        return count;
    }

    private sealed class SlotShare
    {
        public int Held { get; set; }

        /// <summary>How many claims wait for slots.</summary>
        public int Claims { get; set; }

        /// <summary>How many slots are of calls whose attempts are being written.</summary>
        public int Beginning { get; set; }

        /// <summary>Since when it has waited in vain; null if it does not wait.</summary>
        public long? WaitsSince { get; set; }

        public long AskedAt { get; set; }
    }
}
