namespace Enrichment.Consolidation;

/// <summary>Reads typed tables, and explains their rows.</summary>
internal interface ITableReader
{
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

    /// <summary>A client's rows of a child table, ordered by batch, item and key, as they were at one moment.</summary>
    /// <param name="projection">The definition of which the table was made.</param>
    /// <param name="child">The child table's place in the definition.</param>
    /// <param name="client">The client's slug.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">The table was never made, or of another definition.</exception>
    IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        Projection projection,
        int child,
        string client,
        Guid? batch,
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
    /// needs no table, unless the batch was pruned: then the row of the live table is explained.
    /// </summary>
    /// <param name="projection">The definition.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="item">The item, from 1.</param>
    /// <param name="asOf">The day from which expressions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if the batch has no such item, or was pruned and the table has no row of it.</returns>
    Task<ExplainedRow?> ExplainAsync(
        Projection projection,
        Batch batch,
        int item,
        DateOnly asOf,
        CancellationToken cancellationToken);
}
