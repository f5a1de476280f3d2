namespace Enrichment.Storage;

/// <summary>Entity requests: one call for all items whose answer is about the same company or person.</summary>
internal interface IEntityRequestStore
{
    /// <summary>Gets, makes or reopens the request batch of this month. Of several hosts at once one makes it.</summary>
    /// <returns>Null while it is being cancelled.</returns>
    Task<EntityRequestBatch?> OpenRequestBatchAsync(EntityRequestBatchKey request, CancellationToken cancellationToken);

    /// <summary>
    /// For each entity, finds an answer that serves, or an open request, or makes a request. Of several hosts at once one makes it, and the
    /// others wait for it. One transaction for each bucket.
    /// </summary>
    /// <returns>
    /// For each entity, in their order; null if the known request batch has changed, or is not of this month by the store's clock: open it
    /// again.
    /// </returns>
    Task<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestSet request, CancellationToken cancellationToken);

    /// <summary>
    /// Moves claimed items to IN_PROGRESS, to wait for their requests, under the lease; then finds the requests that have ended meanwhile.
    /// </summary>
    /// <param name="lease">The lease.</param>
    /// <param name="owner">The host that holds it.</param>
    /// <param name="waits">The items, each at most once.</param>
    /// <param name="actsAfter">When the requests should be answered, from the store's now; for people.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Those of their requests that have ended: their waiters are to be completed at once.</returns>
    Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(
        Lease lease,
        string owner,
        IReadOnlyList<EntityWaiter> waits,
        TimeSpan actsAfter,
        CancellationToken cancellationToken);

    /// <summary>
    /// Repairs what a crash leaves: completes waiters of requests whose waiters count as completed, sends back waiters of requests that are
    /// gone, and ends request batches that have been idle for an hour.
    /// </summary>
    /// <returns>The waiting items that changed.</returns>
    Task<IReadOnlyList<MovedItems>> ReconcileRequestsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What shared and stored answers have saved a batch, a line for each stage where they did. Reads the batch's results: not for the hot
    /// path.
    /// </summary>
    Task<IReadOnlyList<EntitySavings>> ReadSavingsAsync(int batch, CancellationToken cancellationToken);

    /// <summary>
    /// For how many entities a request would make no call: an answer serves, or a request is open. Changes nothing.
    /// </summary>
    /// <param name="request">The entities.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<int> CountAnsweredAsync(AnsweredEntities request, CancellationToken cancellationToken);
}
