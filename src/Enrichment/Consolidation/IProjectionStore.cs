namespace Enrichment.Consolidation;

/// <summary>Typed tables, made from raw results.</summary>
internal interface IProjectionStore
{
    /// <summary>
    /// Brings a projection's live table up to date with a batch, chunk by chunk, and counts the batch among the table's own. Idempotent;
    /// may run while the batch does, and while others consolidate: they follow each other. A change of the definition that surprises no
    /// reader is then built; with any other, the live table is filled by its own definition.
    /// </summary>
    /// <param name="projection">The projection.</param>
    /// <param name="batch">The batch, by its inner key.</param>
    /// <param name="cancellationToken">Ends the call; what was done stays.</param>
    /// <exception cref="EnrichmentException">There is no such batch, or another table has the name.</exception>
    Task<ConsolidationReport> ConsolidateAsync(Projection projection, int batch, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a projection's table from nothing, of every batch that belongs to it. Readers see the old rows until it is done; a failure
    /// leaves them.
    /// </summary>
    /// <exception cref="EnrichmentException">The table's name belongs to something else.</exception>
    Task<ConsolidationReport> RebuildAsync(Projection projection, CancellationToken cancellationToken);

    /// <summary>
    /// Checks invariant 7 by recomputing: the table must equal its rebuild. Changes nothing; costs as much as a rebuild.
    /// </summary>
    Task<IReadOnlyList<Finding>> ExamineAsync(Projection projection, CancellationToken cancellationToken);

    /// <summary>The definition of the live table; null if there is no table yet.</summary>
    Task<Projection?> FindLiveAsync(Projection projection, CancellationToken cancellationToken);

    /// <summary>A client's rows of a consolidated table, ordered by batch and item, as they were at one moment.</summary>
    /// <param name="projection">The definition of the live version, or of one that it has replaced and whose table is still there.</param>
    /// <param name="client">The client's slug.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="asOf">The day from which conditions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">The table was never made, or of another definition.</exception>
    IAsyncEnumerable<ProjectedRow> ReadProjectionAsync(
        Projection projection,
        string client,
        Guid? batch,
        DateOnly asOf,
        CancellationToken cancellationToken);

    /// <summary>
    /// What could not be cast, and which items have no row for want of a key; a client's, ordered by batch, item, column and source.
    /// </summary>
    /// <param name="projection">The definition of which the table was made.</param>
    /// <param name="client">The client's slug.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<ProjectionIssue> ReadIssuesAsync(
        Projection projection,
        string client,
        Guid? batch,
        CancellationToken cancellationToken);

    /// <summary>
    /// Evaluates an item again, from its row and its results as they are now, and tells of each cell where it is from. Changes nothing;
    /// needs no table.
    /// </summary>
    /// <param name="projection">The definition.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="item">The item, from 1.</param>
    /// <param name="asOf">The day from which expressions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if the batch has no such item.</returns>
    /// <exception cref="EnrichmentException">The batch was pruned.</exception>
    Task<ExplainedRow?> ExplainAsync(
        Projection projection,
        Batch batch,
        int item,
        DateOnly asOf,
        CancellationToken cancellationToken);

    /// <summary>
    /// Registers a projection, if it is not yet, or builds its change, if the change surprises no reader; then finds the ended batches
    /// that its live table does not show, by their inner keys.
    /// </summary>
    Task<IReadOnlyList<int>> FindToProjectAsync(Projection projection, CancellationToken cancellationToken);

    /// <summary>Goes on with the version that is built, if there is one, until it is live or waits for its operator.</summary>
    Task BuildAsync(Projection projection, CancellationToken cancellationToken);

    /// <summary>Notes why the consolidation of a batch failed.</summary>
    Task RecordFailureAsync(Projection projection, int batch, string error, CancellationToken cancellationToken);

    /// <summary>Batches that have ended and whose typed tables do not show their end yet.</summary>
    Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a batch's typed tables show it as it was read: if it has changed since, it stays to be done.</summary>
    Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken);
}
