namespace Enrichment.Scheduling;

/// <summary>Rivals for the same claim loops: the next is the one that has had the least time for its weight. Not thread-safe.</summary>
internal sealed class WeightedQueue(TimeProvider time)
{
    private readonly Dictionary<int, QueueShare> shares = [];
    private long queue;
    private double floor;

    /// <summary>How many loops are taken.</summary>
    public int Taken => shares.Values.Sum(share => share.Running.Count);

    /// <summary>False for a member that has no work and no more used time than a newcomer.</summary>
    public bool Knows(int rival) => shares.ContainsKey(rival);

    public bool HasSlot(int rival) => shares.TryGetValue(rival, out var share) && share.Running.Count > 0;

    /// <summary>
    /// Sets the members that have work now. A newcomer begins level with the member of the least used time: it gets no credit for the time
    /// when it had no work.
    /// </summary>
    public void Meet(IReadOnlyDictionary<int, int> weights, long now)
    {
        foreach (var (rival, share) in shares)
        {
            share.Waits &= weights.ContainsKey(rival);
        }

        floor = Math.Max(
            floor,
            shares
                .Values.Where(share => share.Waits || share.Running.Count > 0)
                .Select(share => Used(share, now))
                .DefaultIfEmpty(floor)
                .Min());
        var gone = shares.Where(known => !known.Value.Waits && known.Value.Running.Count == 0 && known.Value.Used <= floor).ToList();
        foreach (var (rival, share) in gone)
        {
            shares.Remove(rival);
        }

        foreach (var (rival, weight) in weights)
        {
            if (!shares.TryGetValue(rival, out var share))
            {
                shares[rival] = share = new();
            }

            share.Weight = weight;
            if (!share.Waits)
            {
                share.Waits = true;
                share.Place = share.Running.Count > 0 ? share.Place : ++queue;
                share.Used = share.Running.Count > 0 ? share.Used : Math.Max(share.Used, floor);
            }
        }
    }

    /// <summary>
    /// The next among some of the members that have work: the one with the least used time, and of equals the one that has waited longest.
    /// Null if there is none.
    /// </summary>
    public int? Next(IEnumerable<int> rivals, long now)
    {
        int? next = null;
        var least = (Used: double.PositiveInfinity, Place: long.MaxValue);
        foreach (var rival in rivals)
        {
            var share = shares[rival];
            var had = (Used(share, now), share.Place);
            if (had.CompareTo(least) < 0)
            {
                (next, least) = (rival, had);
            }
        }

        return next;
    }

    public void Begin(int rival, long now)
    {
        shares[rival].Running.Add(now);
        shares[rival].Place = ++queue;
    }

    public void End(int rival, long begun, long now)
    {
        var share = shares[rival];
        share.Running.Remove(begun);
        share.Waits = true; // for all that is known: what it has done may have made the next of its work due
        share.Used += time.GetElapsedTime(begun, now).TotalSeconds / share.Weight;
    }

    private double Used(QueueShare share, long now) =>
        share.Used + (share.Running.Sum(begun => time.GetElapsedTime(begun, now).TotalSeconds) / share.Weight);

    private sealed class QueueShare
    {
        /// <summary>Seconds of slots that have ended, divided by the weight.</summary>
        public double Used { get; set; }

        public int Weight { get; set; }

        /// <summary>When each slot that goes on began.</summary>
        public List<long> Running { get; } = [];

        /// <summary>Whether it had work when last heard of.</summary>
        public bool Waits { get; set; }

        /// <summary>Its place in the queue of equals.</summary>
        public long Place { get; set; }
    }
}
