namespace Enrichment.Storage;

/// <summary>What may be due: the input of the scheduler.</summary>
internal interface IDueWorkStore
{
    /// <summary>
    /// The batches in which something may be due, between which a host shares its claim loops, and the accounts that are used up. Its cost
    /// grows with the open batches, not with their ranges or items.
    /// </summary>
    /// <param name="except">Stages of batches whose step this host does not have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<DueWork> FindDueAsync(IReadOnlyCollection<(int Batch, short Stage)> except, CancellationToken cancellationToken);

    /// <summary>The ranges of a batch in which something may be due, the least recently leased first.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="except">Its stages whose step this host does not have.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<Candidate>> FindCandidatesAsync(
        int batch,
        IReadOnlyCollection<short> except,
        int limit,
        CancellationToken cancellationToken);

    /// <summary>
    /// Whether any batch that is not paused has open items. Those that wait for an entity do not count: the request does.
    /// </summary>
    /// <param name="except">Stages of batches whose step this host does not have.</param>
    /// <param name="unable">
    /// Stages whose step it does not have and for which it makes requests: only items that wait for a host with the step do not count
    /// there.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> HasOpenWorkAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        IReadOnlyCollection<(int Batch, short Stage)> unable,
        CancellationToken cancellationToken);

    /// <summary>The open batches of which something waits for a host that has the step.</summary>
    Task<IReadOnlyList<int>> FindUnableAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What waits, and for what. Its cost grows with the open ranges, not with their items: all items of a range that are PENDING count
    /// under one reason, and all that are IN_PROGRESS under one.
    /// </summary>
    Task<Backlog> ReadBacklogAsync(CancellationToken cancellationToken);
}
