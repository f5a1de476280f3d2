using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>
/// The store's keys as this host knows them: read again once a minute, before any host signs with a new one. Thread-safe.
/// </summary>
internal sealed class TokenKeys(ITokenKeyStore store, TimeProvider time)
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    private readonly Lock turn = new();
    private KeyRing? known;
    private long knownAt;
    private Task<KeyRing>? reading;

    /// <summary>The keys to sign with.</summary>
    public Task<KeyRing> ReadAsync(CancellationToken cancellationToken) => ReadAsync(_ => true, cancellationToken);

    /// <summary>
    /// The keys to check a name with that says which of them it was signed with. While the store is away those serve that are known; none
    /// is said not to be there.
    /// </summary>
    public Task<KeyRing> ReadAsync(byte key, CancellationToken cancellationToken) => ReadAsync(ring => ring.Has(key), cancellationToken);

    private Task<KeyRing> ReadAsync(Predicate<KeyRing> servesLonger, CancellationToken cancellationToken)
    {
        lock (turn)
        {
            var isNew = known is not null && time.GetElapsedTime(knownAt) < ReadAgainAfter;
            if (!isNew && reading is null or { IsCompleted: true })
            {
                reading = Task.Run(LoadAsync, CancellationToken.None);
                _ = reading.ContinueWith(
                    static read => read.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default); // Nobody may wait for it.
            }

            return known is { } ring && (isNew || servesLonger(ring)) ? Task.FromResult(ring) : reading!.WaitAsync(cancellationToken);
        }
    }

    // For all waiting callers: none of them may cancel it.
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
