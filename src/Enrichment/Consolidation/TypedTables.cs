using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation;

/// <summary>What is done with typed tables, in the transactions of any store.</summary>
internal static class TypedTables
{
    /// <summary>
    /// Brings a projection's live table up to date with a batch, chunk by chunk, and counts the batch among the table's own. Idempotent;
    /// may run while the batch does, and while others consolidate: they follow each other. A change of the definition that surprises no
    /// reader is then built; with any other, the live table is filled by its own definition.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="batch">The batch, by its inner key.</param>
    /// <param name="cancellationToken">Ends the call; what was done stays.</param>
    /// <exception cref="EnrichmentException">There is no such batch, or another table has the name.</exception>
    public static Task<ConsolidationReport> ConsolidateAsync(
        this IProjectionTransactions store,
        Projection projection,
        int batch,
        CancellationToken cancellationToken) =>
        new ProjectionTables(store, projection).ConsolidateAsync(batch, cancellationToken);

    /// <summary>
    /// Makes a projection's table from nothing, of every batch that belongs to it. Readers see the old rows until it is done; a failure
    /// leaves them.
    /// </summary>
    /// <exception cref="EnrichmentException">
    /// The table's name belongs to something else, or rows of pruned batches would be lost and may not be.
    /// </exception>
    public static Task<ConsolidationReport> RebuildAsync(
        this IProjectionTransactions store,
        Projection projection,
        CancellationToken cancellationToken,
        bool losesRows = false) =>
        new ProjectionTables(store, projection).RebuildAsync(losesRows, cancellationToken);

    /// <summary>
    /// Checks invariant 7 by recomputing: the table must equal its rebuild. Changes nothing; costs as much as a rebuild.
    /// </summary>
    public static Task<IReadOnlyList<Finding>> ExamineAsync(
        this IProjectionTransactions store,
        Projection projection,
        CancellationToken cancellationToken) =>
        store.TransactAsync(
            projection.Name, session => new ProjectionExamination(session, projection).ExamineAsync(cancellationToken), cancellationToken);

    /// <summary>
    /// Checks that the tables and views of a projection's live version are there. The host need not have its definition.
    /// </summary>
    public static Task<List<Finding>> ExamineAsync(
        this IProjectionTransactions store,
        string projection,
        CancellationToken cancellationToken) =>
        store.LookAsync(
            projection,
            async session => (await ProjectionRegistry.ReadAsync(session, null, cancellationToken).ConfigureAwait(false))?.Live is { } live
                ? await PublishedTables.ExamineAsync(session, live, cancellationToken).ConfigureAwait(false)
                : [],
            cancellationToken);

    /// <summary>
    /// Registers a projection, if it is not yet, or builds its change, if the change surprises no reader; then finds the ended batches
    /// that its live table does not show, by their inner keys.
    /// </summary>
    public static Task<List<int>> FindToProjectAsync(
        this IProjectionTransactions store,
        Projection projection,
        CancellationToken cancellationToken) =>
        new ProjectionTables(store, projection).FindAsync(cancellationToken);

    /// <summary>Goes on with the version that is built, if there is one, until it is live or waits for its operator.</summary>
    public static Task BuildAsync(this IProjectionTransactions store, Projection projection, CancellationToken cancellationToken) =>
        new ProjectionTables(store, projection).BuildAsync(cancellationToken);

    /// <summary>Notes why the consolidation of a batch failed.</summary>
    public static Task RecordFailureAsync(
        this IProjectionTransactions store,
        Projection projection,
        int batch,
        string error,
        CancellationToken cancellationToken) =>
        store.TransactAsync(
            projection.Name,
            session => session.RunAsync(
                "add_failure",
                session.Timed(new() { ["projection"] = session.Name, ["batch"] = batch, ["error"] = error }),
                cancellationToken),
            cancellationToken);

    /// <summary>The definition of the live table; null if there is no table yet.</summary>
    public static Task<Projection?> FindLiveAsync(
        this IProjectionTransactions store,
        Projection projection,
        CancellationToken cancellationToken) =>
        store.LookAsync(
            projection.Name,
            async session => (await new ProjectionReading(session.Connection, session.Dialect)
                .LiveAsync(projection, cancellationToken)
                .ConfigureAwait(false))?.Projection,
            cancellationToken);

    /// <summary>A client's rows of a consolidated table, ordered by batch and item, as they were at one moment.</summary>
    /// <param name="store">The store.</param>
    /// <param name="projection">The definition of the live version, or of one that it has replaced and whose table is still there.</param>
    /// <param name="client">The client's slug.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="asOf">The day from which conditions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">The table was never made, or of another definition.</exception>
    public static IAsyncEnumerable<ProjectedRow> ReadProjectionAsync(
        this IProjectionTransactions store,
        Projection projection,
        string client,
        Guid? batch,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        store.StreamAsync(reading => reading.RowsAsync(projection, client, batch, asOf, cancellationToken), cancellationToken);

    /// <summary>A client's rows of a child table, ordered by batch, item and key, as they were at one moment.</summary>
    /// <param name="store">The store.</param>
    /// <param name="projection">The definition of which the table was made.</param>
    /// <param name="child">The child table's place in the definition.</param>
    /// <param name="client">The client's slug.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">The table was never made, or of another definition.</exception>
    public static IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        this IProjectionTransactions store,
        Projection projection,
        int child,
        string client,
        Guid? batch,
        CancellationToken cancellationToken) =>
        store.StreamAsync(reading => reading.ChildrenAsync(projection, child, client, batch, cancellationToken), cancellationToken);

    /// <summary>
    /// What could not be cast, and which items have no row for want of a key; a client's, ordered by batch, item, column and source.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="projection">The definition of which the table was made.</param>
    /// <param name="client">The client's slug.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public static IAsyncEnumerable<ProjectionIssue> ReadIssuesAsync(
        this IProjectionTransactions store,
        Projection projection,
        string client,
        Guid? batch,
        CancellationToken cancellationToken) =>
        store.StreamAsync(reading => reading.IssuesAsync(projection, client, batch, cancellationToken), cancellationToken);

    /// <summary>
    /// Evaluates an item again, from its row and its results as they are now, and tells of each cell where it is from. Changes nothing;
    /// needs no table, unless the batch was pruned: then the row of the live table is explained.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="projection">The definition.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="item">The item, from 1.</param>
    /// <param name="asOf">The day from which expressions look that depend on one.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null if the batch has no such item, or was pruned and the table has no row of it.</returns>
    public static Task<ExplainedRow?> ExplainAsync(
        this IProjectionTransactions store,
        Projection projection,
        Batch batch,
        int item,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        store.LookAsync(
            projection.Name,
            session => new RowExplanation(session, projection, asOf).OfAsync(batch, item, cancellationToken),
            cancellationToken);
}
