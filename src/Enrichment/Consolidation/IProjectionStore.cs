namespace Enrichment.Consolidation;

/// <summary>Makes typed tables of raw results.</summary>
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
