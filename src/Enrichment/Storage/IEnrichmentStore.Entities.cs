namespace Enrichment.Storage;

/// <content>Entities: one call for all items whose answer is about the same company or person.</content>
public partial interface IEnrichmentStore
{
    /// <summary>Gets, makes or reopens the request batch of this month. Of several hosts at once one makes it.</summary>
    /// <returns>Null while it is being cancelled.</returns>
    Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken);

    /// <summary>Finds an answer that serves, or an open ask, or makes one, for each entity. Of several hosts at once one makes it, and the others share it. One transaction a bucket.</summary>
    /// <returns>For each entity, in their order; null if the request batch is no more as it is known, or of another month than it is by the store's clock: open it again.</returns>
    Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken);

    /// <summary>Moves claimed items to IN_PROGRESS, to wait with their asks, under the lease; then looks which of the asks have ended meanwhile.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="waits">The items, each at most once.</param>
    /// <param name="actsAfter">When the asks should be answered, from the store's now; for people.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Asks among theirs that have ended: to be shared at once.</returns>
    Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(Lease lease, IReadOnlyList<EntityWaiter> waits, TimeSpan actsAfter, CancellationToken cancellationToken);

    /// <summary>Ends the items that wait for asks of a range that have ended: one idempotent transaction for each range in which somebody waits, safe on many hosts; then notes the asks as shared.</summary>
    /// <param name="requests">Where.</param>
    /// <param name="items">Only these asks; null for all that have ended and were not shared.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How many waiting items changed.</returns>
    Task<int> CompleteWaitersAsync(RangeKey requests, IReadOnlyList<int>? items, CancellationToken cancellationToken);

    /// <summary>The sweep's net: shares asks that somebody waits for although they count as shared, frees who waits for one that is gone, and ends request batches that have been idle for an hour.</summary>
    /// <returns>How many waiting items changed.</returns>
    Task<int> ReconcileRequestsAsync(CancellationToken cancellationToken);

    /// <summary>What shared and stored answers have saved a batch, a line for each stage where they did. Reads the batch's results: not for the hot path.</summary>
    Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken);
}
