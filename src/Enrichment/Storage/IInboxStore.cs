namespace Enrichment.Storage;

/// <summary>The inbox: deliveries of callbacks, stored before they are interpreted.</summary>
internal interface IInboxStore
{
    /// <summary>Stores deliveries. One that is there already is counted there.</summary>
    /// <returns>For each, in their order, whether its token is that of an attempt; the others were not stored.</returns>
    Task<IReadOnlyList<bool>> ReceiveAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);

    /// <summary>
    /// Deliveries that wait to be interpreted, the earliest of each bucket first, and keeps them from other hosts for a time.
    /// </summary>
    /// <param name="except">Stages of batches whose step this host does not have.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="byteLimit">A bound on the bytes of their bodies; one at least is taken.</param>
    /// <param name="hold">How long they are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<TakenDelivery>> TakeDeliveriesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        int limit,
        long byteLimit,
        TimeSpan hold,
        CancellationToken cancellationToken);

    /// <summary>Notes why a delivery could not be interpreted.</summary>
    Task MarkFaultyAsync(AttemptKey attempt, string message, string reason, CancellationToken cancellationToken);

    /// <summary>
    /// Lets deliveries of a batch that changed nothing, or could not be interpreted, be interpreted again. Returns how many.
    /// </summary>
    Task<int> ReinterpretAsync(int batch, CancellationToken cancellationToken);

    /// <summary>The deliveries of a batch, in order of item and time.</summary>
    IAsyncEnumerable<StoredDelivery> ReadDeliveriesAsync(int batch, CancellationToken cancellationToken);

    /// <summary>Counts deliveries that were refused, by hour and reason; those of more than 30 days ago are forgotten.</summary>
    Task NoteRefusedAsync(IReadOnlyList<(string Reason, int Times)> refused, CancellationToken cancellationToken);

    /// <summary>How often deliveries were refused, and why, the latest hour first.</summary>
    Task<IReadOnlyList<Refusal>> ReadRefusedAsync(CancellationToken cancellationToken);
}
