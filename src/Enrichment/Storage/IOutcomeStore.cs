namespace Enrichment.Storage;

/// <summary>Attempts before their calls, outcomes after them.</summary>
internal interface IOutcomeStore
{
    /// <summary>
    /// Writes attempts before their calls leave. Returns the items that may go ahead: the lease holds, and the state is open and as
    /// claimed.
    /// </summary>
    Task<IReadOnlyList<int>> BeginAttemptsAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        CancellationToken cancellationToken);

    /// <summary>
    /// Writes attempts before their calls leave, and moves their states to IN_PROGRESS. Returns the items that may go ahead: the lease
    /// holds, and the state is open and as claimed.
    /// </summary>
    Task<IReadOnlyList<int>> BeginSendingAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        Sending sending,
        CancellationToken cancellationToken);

    /// <summary>
    /// Writes outcomes. Returns the items whose state changed; the others were lost to a younger lease, a cancellation, or an earlier
    /// commit of the same.
    /// </summary>
    Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Writes outcomes of calls that were sent. Returns the items whose state changed, or goes on waiting as the outcome says.
    /// </summary>
    Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Completes the waiters of the ended requests of a range: one idempotent transaction for each range that has waiters, safe on many
    /// hosts; then notes that the waiters are completed.
    /// </summary>
    /// <param name="requests">Where.</param>
    /// <param name="items">Only these requests; null for all that have ended and whose waiters were not completed.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The waiting items that changed.</returns>
    Task<IReadOnlyList<MovedItems>> CompleteWaitersAsync(
        RangeKey requests,
        IReadOnlyList<int>? items,
        CancellationToken cancellationToken);
}
