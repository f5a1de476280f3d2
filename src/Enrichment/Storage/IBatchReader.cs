namespace Enrichment.Storage;

/// <summary>What people read of a batch.</summary>
internal interface IBatchReader
{
    /// <summary>A batch's counts, one for each stage reached, ascending.</summary>
    Task<IReadOnlyList<StageCounts>> ReadProgressAsync(int batch, CancellationToken cancellationToken);

    /// <summary>The states of a batch's items, ascending by item and stage.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="status">Only those of this status; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<ItemState> ReadStatesAsync(int batch, Status? status, CancellationToken cancellationToken);

    /// <summary>What happened to an item, in order of time.</summary>
    Task<IReadOnlyList<TimelineEntry>> ReadTimelineAsync(int batch, short bucket, int item, CancellationToken cancellationToken);

    /// <summary>The results that states refer to, ascending by item and stage.</summary>
    IAsyncEnumerable<StoredResult> ReadResultsAsync(int batch, CancellationToken cancellationToken);

    /// <summary>A batch's items with their rows and results, ascending by item.</summary>
    IAsyncEnumerable<ItemSnapshot> ReadItemsAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>What happened to a batch, in order of time.</summary>
    Task<IReadOnlyList<BatchEvent>> ReadEventsAsync(int batch, CancellationToken cancellationToken);
}
