using Dapper;
using Enrichment.Consolidation;
using Enrichment.PostgreSql.Consolidation;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Typed tables. <see cref="ProjectionTables"/> does the work; here are the transaction and the lock around it.</content>
internal sealed partial class PostgreSqlStore
{
    private PostgreSqlDialect Dialect => new(sql, options.Schema, PrepareAsync);

    /// <inheritdoc />
    public Task<ConsolidationReport> ConsolidateAsync(Projection projection, int batch, CancellationToken cancellationToken) =>
        new ProjectionTables(this, projection).ConsolidateAsync(batch, cancellationToken);

    /// <inheritdoc />
    public Task<ConsolidationReport> RebuildAsync(Projection projection, CancellationToken cancellationToken) =>
        new ProjectionTables(this, projection).RebuildAsync(cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> FindToProjectAsync(Projection projection, CancellationToken cancellationToken) =>
        await new ProjectionTables(this, projection).FindAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task BuildAsync(Projection projection, CancellationToken cancellationToken) =>
        new ProjectionTables(this, projection).BuildAsync(cancellationToken);

    /// <inheritdoc />
    public Task RecordFailureAsync(Projection projection, int batch, string error, CancellationToken cancellationToken) =>
        TransactAsync(
            projection.Name,
            session => session.RunAsync(
                "add_failure",
                session.Timed(new() { ["projection"] = session.Name, ["batch"] = batch, ["error"] = error }),
                cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Finding>> ExamineAsync(Projection projection, CancellationToken cancellationToken) =>
        TransactAsync(
            projection.Name, session => new ProjectionExamination(session, projection).ExamineAsync(cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<Projection?> FindLiveAsync(Projection projection, CancellationToken cancellationToken) => ReadAsync(
        async connection =>
            (await new ProjectionReading(connection, Dialect).LiveAsync(projection, cancellationToken).ConfigureAwait(false))?.Projection,
        cancellationToken);

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
    public IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        Projection projection,
        int child,
        string client,
        Guid? batch,
        CancellationToken cancellationToken) =>
        StreamAsync(
            connection => new ProjectionReading(connection, Dialect).ChildrenAsync(projection, child, client, batch, cancellationToken),
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
            connection => new RowExplanation(new(connection, null, Dialect, projection.Name, null), projection, asOf)
                .OfAsync(batch, item, cancellationToken),
            cancellationToken);

    /// <inheritdoc />
    public Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        ReadAsync(connection => read(new(connection, null, Dialect, projection, Now)), cancellationToken);

    /// <inheritdoc />
    public async Task<T> TransactAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);

        // One chunk of a projection at a time: the second waits, then sees the commit of the first. Bound to the transaction, as in
        // MigrateAsync. The server ends transactions of stopped clients, and a shorter time-out of the role does not end a wide
        // statement. Names of functions mean the built-in ones, whatever the session's search path is. No statement is compiled just in
        // time: they run once for each chunk, and would take longer to compile than to run. The plan is the same for every chunk, so a
        // prepared statement is planned once.
        await connection.ExecuteAsync(new CommandDefinition(
            $"set local search_path = pg_catalog, pg_temp; set local statement_timeout = '{ConsolidationCommand.TimeoutSeconds}s'; set local jit = off; set local plan_cache_mode = force_generic_plan; select pg_advisory_xact_lock(hashtextextended(@name, 0))",
            new { name = $"enrichment:{options.Schema}:{projection}" },
            transaction,
            commandTimeout: ConsolidationCommand.TimeoutSeconds,
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        var result = await work(new(connection, transaction, Dialect, projection, Now)).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }
}
