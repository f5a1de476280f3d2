using Dapper;
using Enrichment.Consolidation;
using Enrichment.PostgreSql.Consolidation;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Typed tables. <see cref="ProjectionRun"/> does the work; here are the transaction and the lock around it.</content>
internal sealed partial class PostgreSqlStore
{
    private PostgreSqlDialect Dialect => new(sql, options.Schema, PrepareAsync);

    /// <inheritdoc />
    public Task<ConsolidationReport> ConsolidateAsync(Projection projection, int batch, CancellationToken cancellationToken) =>
        ProjectAsync(projection, run => run.ConsolidateAsync(batch, Now, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<ConsolidationReport> RebuildAsync(Projection projection, CancellationToken cancellationToken) =>
        ProjectAsync(projection, run => run.RebuildAsync(Now, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Finding>> ExamineAsync(Projection projection, CancellationToken cancellationToken) =>
        ProjectAsync(projection, run => run.ExamineAsync(Now, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ProjectedRow> ReadProjectionAsync(
        Projection projection,
        string client,
        Guid? batch,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        StreamAsync(
            connection => new ProjectionReading(connection, Dialect).RowsAsync(projection, client, batch, asOf, cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ProjectionIssue> ReadIssuesAsync(
        Projection projection,
        string client,
        Guid? batch,
        CancellationToken cancellationToken) =>
        StreamAsync(
            connection => new ProjectionReading(connection, Dialect).IssuesAsync(projection, client, batch, cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public Task<ExplainedRow?> ExplainAsync(
        Projection projection,
        Batch batch,
        int item,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        ReadAsync(
            connection => new RowExplanation(new(connection, null, Dialect, projection), Dialect, asOf)
                .OfAsync(batch, item, cancellationToken),
            cancellationToken);

    private async Task<T> ProjectAsync<T>(Projection projection, Func<ProjectionRun, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // One consolidation of a projection at a time: the second waits, then sees the commit of the first. Bound to the transaction,
            // as in MigrateAsync. The server ends transactions of stopped clients, and a shorter time-out of the role does not end a wide
            // statement. Names of functions mean the built-in ones, whatever the session's search path is. No statement is compiled just in
            // time: they run once for each chunk, and would take longer to compile than to run. The plan is the same for every chunk, so a
            // prepared statement is planned once.
            await connection.ExecuteAsync(new CommandDefinition(
                $"set local search_path = pg_catalog, pg_temp; set local statement_timeout = '{ConsolidationCommand.TimeoutSeconds}s'; set local jit = off; set local plan_cache_mode = force_generic_plan; select pg_advisory_xact_lock(hashtextextended(@name, 0))",
                new { name = $"enrichment:{options.Schema}:{projection.Name}" },
                transaction,
                commandTimeout: ConsolidationCommand.TimeoutSeconds,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
            var report = await work(new(connection, transaction, Dialect, projection)).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return report;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw new EnrichmentException(
                $"The table of projection '{projection.Name}' cannot be replaced by its new definition, because something depends on it: {exception.Detail} Drop that first and create it again afterwards.",
                exception);
        }
    }
}
