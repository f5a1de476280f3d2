namespace Enrichment.Storage;

/// <content>Steps that are answered later: sending, timers, receiving, settling.</content>
public partial interface IEnrichmentStore
{
    /// <summary>Writes attempts before their calls leave, and moves their states to IN_PROGRESS. Returns the items that may go ahead: the lease holds, and the state is open and as claimed.</summary>
    Task<IReadOnlyList<int>> BeginSendingAsync(Lease lease, string owner, IReadOnlyList<AttemptStart> attempts, Sending sending, CancellationToken cancellationToken);

    /// <summary>Writes outcomes of calls that were sent. Returns the items whose state changed, or goes on waiting as the outcome says.</summary>
    Task<IReadOnlyList<int>> SettleAsync(SettleRequest request, CancellationToken cancellationToken);

    /// <summary>Ranges in which a state IN_PROGRESS may have reached its date: the earliest of each client first, then the second of each, and so on.</summary>
    /// <param name="except">Stages of batches that this host cannot poll.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<RangeKey>> FindDueTimersAsync(IReadOnlyCollection<(int Batch, short Stage)> except, int limit, CancellationToken cancellationToken);

    /// <summary>The states IN_PROGRESS of a range that have reached their date, the earliest first, and gives each a later date, so that no other host finds it meanwhile.</summary>
    /// <param name="range">Where.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="hold">How long from now the later date is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<DueTimer>> TakeDueTimersAsync(RangeKey range, int limit, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Stores deliveries. One that is there already is counted there.</summary>
    /// <returns>For each, in their order, whether its token is that of an attempt; the others were not stored.</returns>
    Task<IReadOnlyList<bool>> ReceiveAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);

    /// <summary>Deliveries that wait to be interpreted, the earliest of each bucket first, and keeps them from other hosts for a time.</summary>
    /// <param name="except">Stages of batches whose step this host does not have.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="byteLimit">A bound on the bytes of their bodies; one at least is taken.</param>
    /// <param name="hold">How long they are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<TakenDelivery>> TakeDeliveriesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, int limit, long byteLimit, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Notes why a delivery could not be interpreted.</summary>
    Task MarkFaultyAsync(AttemptKey attempt, string message, string reason, CancellationToken cancellationToken);

    /// <summary>Counts deliveries that were refused, by hour and reason; those of more than 30 days ago are forgotten.</summary>
    Task NoteRefusedAsync(IReadOnlyList<(string Reason, int Times)> refused, CancellationToken cancellationToken);

    /// <summary>How often deliveries were refused, and why, the latest hour first.</summary>
    Task<IReadOnlyList<Refusal>> ReadRefusedAsync(CancellationToken cancellationToken);

    /// <summary>Lets deliveries of a batch that changed nothing, or could not be interpreted, be interpreted again. Returns how many.</summary>
    Task<int> ReinterpretAsync(int batch, CancellationToken cancellationToken);

    /// <summary>The deliveries of a batch, in order of item and time.</summary>
    IAsyncEnumerable<StoredDelivery> ReadDeliveriesAsync(int batch, CancellationToken cancellationToken);
}
