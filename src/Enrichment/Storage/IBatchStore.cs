using System.Data.Common;

namespace Enrichment.Storage;

/// <summary>Batches: launching and control.</summary>
internal interface IBatchStore
{
    /// <summary>
    /// Makes batches, their items, their first states and ranges, in one transaction. If the key of the first was used for the same
    /// request, nothing is made and that batch alone is returned.
    /// </summary>
    /// <param name="requests">What to launch, at least one.</param>
    /// <param name="transaction">The host's own transaction to take part in; null for one of the store's.</param>
    /// <param name="cancellationToken">Ends the wait; nothing is launched.</param>
    /// <exception cref="EnrichmentException">The key was used for another request, or no row is left to launch.</exception>
    Task<IReadOnlyList<Batch>> LaunchAsync(
        IReadOnlyList<LaunchRequest> requests,
        DbTransaction? transaction,
        CancellationToken cancellationToken);

    /// <summary>A client's batch; null if this client has none of that id.</summary>
    Task<Batch?> FindBatchAsync(string client, Guid id, CancellationToken cancellationToken);

    /// <summary>A batch by its inner key; null if there is none.</summary>
    Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken);

    /// <summary>A client's batches that a filter leaves, the youngest first.</summary>
    IAsyncEnumerable<Batch> ReadBatchesAsync(string client, BatchFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Holds or frees a batch; touches no state. Records the event. Returns false if the batch's status does not allow it.
    /// </summary>
    Task<bool> SetPausedAsync(int batch, bool paused, CancellationToken cancellationToken);

    /// <summary>Gives a batch another priority, from 1 to 100. Records the event. Returns false if the batch has ended.</summary>
    Task<bool> SetPriorityAsync(int batch, short priority, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a batch: first its status, then its open states bucket by bucket; the sweep finishes what a crash leaves. Entity requests
    /// without waiters are withdrawn. Returns what was cancelled, the requests too; null if the batch has already ended.
    /// </summary>
    Task<IReadOnlyList<MovedItems>?> CancelAsync(int batch, CancellationToken cancellationToken);

    /// <summary>
    /// Cancels the open states of one bucket of a cancelled batch, and withdraws entity requests without waiters. Idempotent. Returns what
    /// was cancelled, the requests too.
    /// </summary>
    Task<IReadOnlyList<MovedItems>> CancelBucketAsync(int batch, short bucket, CancellationToken cancellationToken);

    /// <summary>The buckets of cancelled batches that still hold open states.</summary>
    Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Begins a new generation, from a stage, of the given items of a batch whose pipelines have ended; others are left as they are, and so
    /// is a batch that is pruned or still being cancelled. Returns how many began.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="items">The items.</param>
    /// <param name="sameKey">
    /// Whether those that failed there as outcome_unknown keep the idempotency key of the generation that ends.
    /// </param>
    /// <param name="cancellationToken">Ends the call; nothing began.</param>
    Task<int> RetryAsync(int batch, short stage, IReadOnlyList<int> items, bool sameKey, CancellationToken cancellationToken);

    /// <summary>
    /// Ends items at a stage by an operator's decision and reopens their batch, in a new generation: their old state moves to the history.
    /// Only items that are there pending under no lease, or failed; others stay as they are, and so does a batch that is pruned or still
    /// being cancelled. Records the event. Returns how many ended.
    /// </summary>
    Task<int> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken);

    /// <summary>Ends batches whose items have all ended, and records each completion once. Returns the batches ended now.</summary>
    Task<IReadOnlyList<Batch>> CompleteBatchesAsync(CancellationToken cancellationToken);
}
