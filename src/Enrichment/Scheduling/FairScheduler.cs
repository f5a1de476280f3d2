using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>
/// Shares the claim loops of this host: equally between clients, and each client's share between its batches by their priority. The measure
/// is the time of loops, so slow steps gain nothing. Every host shares its own loops, by its own observations. Nothing about it is stored;
/// if each host is fair, all are.
/// </summary>
/// <param name="slots">
/// How many claim loops one client may have. One more is kept for a client that has none, so that client need not wait for another client's
/// interval.
/// </param>
/// <param name="time">Measures the time of loops.</param>
internal sealed class FairScheduler(Func<int> slots, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly WeightedQueue clients = new(time);
    private readonly Dictionary<int, WeightedQueue> batches = [];

    /// <summary>Gives a claim loop to the batch that has had the least for its weight.</summary>
    /// <param name="due">All batches in which something may be due.</param>
    /// <param name="tried">Those of them in which the loop has found nothing to claim.</param>
    /// <returns>The slot, to be disposed when the loop is free again. Null if no batch may have the loop now.</returns>
    public ScheduledSlot? Next(IReadOnlyList<DueBatch> due, IReadOnlySet<int> tried)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var waiting = due.ToLookup(batch => batch.Client);
            clients.Meet(waiting.ToDictionary(own => own.Key, _ => 1), now);
            var (taken, most) = (clients.Taken, slots());
            var last = taken >= most;
            var eligible = waiting.Where(own => !(last && clients.HasSlot(own.Key)) && own.Any(Untried)).Select(own => own.Key);
            if (taken > most || clients.Next(eligible, now) is not { } client)
            {
                return null;
            }

            var shares = QueueOf(client);
            shares.Meet(waiting[client].ToDictionary(batch => batch.Batch, batch => (int)batch.Priority), now);
            var next = shares.Next(waiting[client].Where(Untried).Select(batch => batch.Batch), now)!.Value;
            clients.Begin(client, now);
            shares.Begin(next, now);
            return new(next, () => End(client, next, now));
        }

        bool Untried(DueBatch batch) => !tried.Contains(batch.Batch);
    }

    private WeightedQueue QueueOf(int client)
    {
        foreach (var gone in batches.Keys.Where(known => !clients.Knows(known)).ToList())
        {
            batches.Remove(gone);
        }

        return batches.TryGetValue(client, out var shares) ? shares : batches[client] = new(time);
    }

    private void End(int client, int batch, long begun)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            batches[client].End(batch, begun, now);
            clients.End(client, begun, now);
        }
    }
}
