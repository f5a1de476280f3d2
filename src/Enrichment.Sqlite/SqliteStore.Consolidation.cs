using System.Runtime.CompilerServices;
using Enrichment.Consolidation;
using Enrichment.Sqlite.Consolidation;

namespace Enrichment.Sqlite;

/// <content>
/// Typed tables. <see cref="ProjectionRun"/> does the work; here is the transaction around it, which the one writer holds alone.
/// </content>
internal sealed partial class SqliteStore
{
    private SqliteDialect Dialect => new(sql);

    /// <inheritdoc />
    public Task<ConsolidationReport> ConsolidateAsync(Projection projection, int batch, CancellationToken cancellationToken) =>
        ProjectAsync(projection, (run, now) => run.ConsolidateAsync(batch, now, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<ConsolidationReport> RebuildAsync(Projection projection, CancellationToken cancellationToken) =>
        ProjectAsync(projection, (run, now) => run.RebuildAsync(now, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<Finding>> ExamineAsync(Projection projection, CancellationToken cancellationToken) =>
        ProjectAsync(projection, (run, now) => run.ExamineAsync(now, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<ProjectedRow> ReadProjectionAsync(
        Projection projection,
        string client,
        Guid? batch,
        DateOnly asOf,
        CancellationToken cancellationToken) =>
        StreamAsync(reading => reading.RowsAsync(projection, client, batch, asOf, cancellationToken), cancellationToken);

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
            session => new RowExplanation(new(session.Connection, null, Dialect, projection), Dialect, asOf)
                .OfAsync(batch, item, cancellationToken)
                .GetAwaiter()
                .GetResult(),
            cancellationToken);

    private Task<T> ProjectAsync<T>(
        Projection projection,
        Func<ProjectionRun, object, Task<T>> work,
        CancellationToken cancellationToken) =>
        WriteAsync(
            // SQLite answers on the caller's thread: the task has ended when it is returned.
            session => work(new(session.Connection, null, Dialect, projection), session.Now).GetAwaiter().GetResult(),
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
