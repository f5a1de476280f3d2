namespace Enrichment.Storage;

/// <summary>Timers: polls and deadlines of states IN_PROGRESS.</summary>
internal interface ITimerStore
{
    /// <summary>
    /// Ranges in which a state IN_PROGRESS may have reached its date: the earliest of each client first, then the second of each, and so
    /// on.
    /// </summary>
    /// <param name="except">Stages of batches that this host cannot poll.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<RangeKey>> FindDueTimersAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        int limit,
        CancellationToken cancellationToken);

    /// <summary>
    /// The states IN_PROGRESS of a range that have reached their date, the earliest first, and gives each a later date, so that no other
    /// host finds it meanwhile.
    /// </summary>
    /// <param name="range">Where.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="hold">How long from now the later date is.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<DueTimer>> TakeDueTimersAsync(RangeKey range, int limit, TimeSpan hold, CancellationToken cancellationToken);
}
