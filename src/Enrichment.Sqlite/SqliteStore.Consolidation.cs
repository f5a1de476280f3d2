using System.Runtime.CompilerServices;
using Enrichment.Consolidation;
using Enrichment.Sqlite.Consolidation;

namespace Enrichment.Sqlite;

/// <content>
/// Typed tables. <see cref="ProjectionTables"/> does the work; here is the transaction, which the one writer holds alone.
/// </content>
internal sealed partial class SqliteStore
{
    private SqliteDialect Dialect => new(sql);

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
        session => new ProjectionReading(session.Connection, Dialect)
            .LiveAsync(projection, cancellationToken)
            .GetAwaiter()
            .GetResult()
            ?.Projection,
        cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ProjectedRow> ReadProjectionAsync(
        Projection projection,
        string client,
        Guid? batch,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        StreamAsync(reading => reading.RowsAsync(projection, client, batch, asOf, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        Projection projection,
        int child,
        string client,
        Guid? batch,
        CancellationToken cancellationToken) =>
        StreamAsync(reading => reading.ChildrenAsync(projection, child, client, batch, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ProjectionIssue> ReadIssuesAsync(
        Projection projection,
        string client,
        Guid? batch,
        CancellationToken cancellationToken) =>
        StreamAsync(reading => reading.IssuesAsync(projection, client, batch, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<ExplainedRow?> ExplainAsync(
        Projection projection,
        Batch batch,
        int item,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        ReadAsync(
            session => new RowExplanation(new(session.Connection, null, Dialect, projection.Name, null), projection, asOf)
                .OfAsync(batch, item, cancellationToken)
                .GetAwaiter()
                .GetResult(),
            cancellationToken);

    /// <inheritdoc />
    public Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) => ReadAsync(
        session => read(new(session.Connection, null, Dialect, projection, session.Now)).GetAwaiter().GetResult(),
        cancellationToken);

    /// <inheritdoc />
    public Task<T> TransactAsync<T>(
        string projection,
        Func<ProjectionSession, Task<T>> work,
        CancellationToken cancellationToken) =>
        WriteAsync(
            // SQLite answers on the caller's thread: the task has ended when it is returned.
            session => work(new(session.Connection, null, Dialect, projection, session.Now)).GetAwaiter().GetResult(),
            cancellationToken);

    // A reader of its own for as long as the stream is read. In memory there is but one connection, so that all is read before anything is
    // given out.
    private async IAsyncEnumerable<T> StreamAsync<T>(
        Func<ProjectionReading, IAsyncEnumerable<T>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (file.InMemory)
        {
            var all = await WriteAsync(
                    session => read(new(session.Connection, Dialect)).ToBlockingEnumerable(cancellationToken).ToList(),
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var row in all)
            {
                yield return row;
            }

            yield break;
        }

        using var reader = Open();
        await foreach (var row in read(new(reader.Connection, Dialect)).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return row;
        }
    }
}
