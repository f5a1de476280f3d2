using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>The store's keys as this host knows them: read once a minute, so that a new or deleted key is heeded within that time. Thread-safe.</summary>
internal sealed class TokenKeys(IEnrichmentStore store, TimeProvider time)
{
    private static readonly TimeSpan ServesFor = TimeSpan.FromMinutes(1);

    // A key that another host has met first is read at once; but numbers that strangers make up must not cost the store more than a read a second.
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Lock turn = new();
    private KeyRing? known;
    private long knownAt;
    private Task<KeyRing>? reading;
    private long readAt;

    /// <summary>The keys to sign with.</summary>
    public Task<KeyRing> ReadAsync(CancellationToken cancellationToken) => ReadAsync(_ => true, cancellationToken);

    /// <summary>The keys with which a name is checked that says which of them it was signed with. Only hosts' keys: one that is not there was made up.</summary>
    public Task<KeyRing> ReadAsync(byte key, CancellationToken cancellationToken) => ReadAsync(ring => ring.Has(key), cancellationToken);

    private Task<KeyRing> ReadAsync(Predicate<KeyRing> serves, CancellationToken cancellationToken)
    {
        lock (turn)
        {
            if (known is { } ring && serves(ring) && time.GetElapsedTime(knownAt) < ServesFor)
            {
                return Task.FromResult(ring);
            }

            if (reading is null || (reading.IsCompleted && time.GetElapsedTime(readAt) >= ReadAgainAfter))
            {
                (reading, readAt) = (Task.Run(LoadAsync, CancellationToken.None), time.GetTimestamp());
            }

            return reading.WaitAsync(cancellationToken);
        }
    }

    // For all who wait: none of them may cancel it.
    private async Task<KeyRing> LoadAsync()
    {
        var ring = new KeyRing(await store.ReadTokenKeysAsync(CancellationToken.None).ConfigureAwait(false));
        lock (turn)
        {
            (known, knownAt) = (ring, time.GetTimestamp());
        }

        return ring;
    }
}
