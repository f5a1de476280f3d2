namespace Enrichment.Storage;

/// <summary>Retention: which batches go, and how they go.</summary>
internal interface IRetentionStore
{
    /// <summary>Ended batches that a query chooses, those that ended first before others.</summary>
    IAsyncEnumerable<Batch> FindPrunableAsync(PruneQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Marks a batch as pruned and records the event: from then on its items, states and results do not exist for any reader. Returns
    /// false, and changes nothing, if it has not ended, was pruned already, has changed since it was read, or a host still holds something
    /// of it.
    /// </summary>
    /// <param name="batch">The batch as it was read.</param>
    /// <param name="detail">Actor and reason, as JSON, for the event.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> MarkPrunedAsync(Batch batch, string detail, CancellationToken cancellationToken);

    /// <summary>Batches that are marked as pruned and may still have rows: marked just now, or left so by a crash.</summary>
    Task<IReadOnlyList<Batch>> FindUndeletedAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Deletes the rows of a batch that is marked as pruned, and those of its upload once no other batch needs them. Step by step, each a
    /// transaction of bounded size; yields the rows of each. May be stopped after any step and begun again, here or elsewhere; without
    /// effect on a batch that is not marked.
    /// </summary>
    IAsyncEnumerable<int> DeletePrunedAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Where results are kept by month: makes future months, and drops past months whose batches are all marked as pruned, so that their
    /// rows need not be deleted one by one. Returns how many were dropped; 0 where there are no months.
    /// </summary>
    Task<int> MaintainPartitionsAsync(CancellationToken cancellationToken);

    /// <summary>Forgets external workers that were not seen for a while. Returns how many.</summary>
    Task<int> ForgetWorkersAsync(TimeSpan unseen, CancellationToken cancellationToken);
}
