using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// Shares the lanes of this host: between clients alike, and what a client gets between its batches by their priority. The measure is lane time, so that
/// slow steps win nothing. Every host shares its own lanes, by what it has seen itself: nothing about it is stored, and where each is fair, all are.
/// </summary>
/// <param name="lanes">How many lanes one client may have. One more is there, and the last free one goes to a client that has none: it need not wait for any other's interval.</param>
/// <param name="time">By which lane time is measured.</param>
internal sealed class FairScheduler(int lanes, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly WeightedQueue clients = new(time);
    private readonly Dictionary<int, WeightedQueue> batches = [];

    /// <summary>Gives a lane to the batch whose turn it is.</summary>
    /// <param name="due">All batches in which something may be due.</param>
    /// <param name="tried">Those of them in which the lane that asks has found nothing to claim.</param>
    /// <returns>The turn, to be disposed when the lane is free again. Null if nobody may have the lane now.</returns>
    public ScheduledSlot? Next(IReadOnlyList<DueBatch> due, IReadOnlySet<int> tried)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var waiting = due.ToLookup(batch => batch.Client);
            clients.Meet(waiting.ToDictionary(own => own.Key, _ => 1), now);
            var last = clients.Taken >= lanes;
            if (clients.Next(waiting.Where(own => !(last && clients.HasSlot(own.Key)) && own.Any(Untried)).Select(own => own.Key), now) is not { } client)
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
