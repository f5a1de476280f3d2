using System.Runtime.CompilerServices;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;
using Enrichment.Sqlite.Consolidation;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>
/// Typed tables. <see cref="TypedTables"/> has the work; here is the transaction, which the one writer holds alone.
/// </content>
internal sealed partial class SqliteStore
{
    private SqliteDialect Dialect => new(sql);

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

    /// <inheritdoc />
    public async Task<T> SnapshotAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken)
    {
        if (file.InMemory)
        {
            return await LookAsync(projection, read, cancellationToken).ConfigureAwait(false);
        }

        file.RequireSame();
        using var reader = Open();
        try
        {
            // What is sorted is larger than memory. The snapshot is that of the first statement, and ends with the connection.
            reader.Run("pragma temp_store = file");
            reader.Run("begin");
            return await read(new(reader.Connection, null, Dialect, projection, reader.Now)).ConfigureAwait(false);
        }
        catch (SqliteException exception)
        {
            throw Told(reader, exception);
        }
    }

    // A reader of its own for as long as the stream is read. In memory there is but one connection, so that all is read before anything is
    // given out.
    /// <inheritdoc />
    public async IAsyncEnumerable<T> StreamAsync<T>(
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
