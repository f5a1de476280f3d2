using Enrichment.Hosting;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Enrichment.Sqlite;

/// <summary>The embedded default store: one SQLite file, one working process, nothing to install.</summary>
/// <remarks>
/// Writers follow each other through a gate, so that none is turned away as busy; readers have connections of their own and never wait (in
/// memory they share the one connection). SQLite works on the caller's thread: the asynchronous methods wait for the gate asynchronously,
/// then return when their work is done. Thread-safe. Dispose it to close the file. Each operation is one embedded SQL file of the same name
/// as in the other stores.
/// </remarks>
internal sealed partial class SqliteStore : IEnrichmentStore, IDisposable
{
    private readonly DatabaseFile file;
    private readonly SqliteOptions options;
    private readonly SqlFiles sql = new(typeof(SqliteStore).Assembly, "Enrichment.Sqlite.Sql.", schema: "");
    private readonly SemaphoreSlim gate = new(1);
    private readonly Lock writing = new();
    private readonly Stack<SqliteSession> idleReaders = [];
    private SqliteSession? writer;
    private bool disposed;

    /// <summary>Makes a store on a file, which is opened at the first use.</summary>
    /// <param name="path">
    /// The file, made if it is not there, in a directory that is; or <c>:memory:</c> for a database that lives as long as this store, for
    /// tests.
    /// </param>
    /// <param name="options">The clock and the durability of commits.</param>
    /// <exception cref="EnrichmentException">The path is empty.</exception>
    public SqliteStore(string path, SqliteOptions? options = null)
    {
        this.options = options ?? new();
        file = new(path, this.options);
    }

    /// <summary>Closes the file. Running work fails with <see cref="ObjectDisposedException"/> at its next step.</summary>
    public void Dispose()
    {
        lock (writing)
        {
            disposed = true;
            writer?.Dispose();
            writer = null;
        }

        lock (idleReaders)
        {
            while (idleReaders.TryPop(out var reader))
            {
                reader.Dispose();
            }
        }

        gate.Dispose();
        committing.Dispose();
    }

    /// <summary>Runs work in one transaction, after those that came before.</summary>
    private async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Write(work);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// Runs work in one transaction, without waiting at the gate: a holder of the gate that has no thread to run on does not block it.
    /// </summary>
    private T Write<T>(Func<SqliteSession, T> work)
    {
        lock (writing)
        {
            var session = Writer();
            file.RequireSame();
            try
            {
                return session.Transact(work);
            }
            catch (SqliteException exception)
            {
                throw Told(session, exception);
            }
        }
    }

    /// <summary>Runs work that only reads, beside the writer.</summary>
    private async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        if (file.InMemory)
        {
            return await WriteAsync(work, cancellationToken).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        file.RequireSame();
        var reader = RentReader();
        try
        {
            var result = work(reader);
            Return(reader);
            return result;
        }
        catch (SqliteException exception)
        {
            var told = Told(reader, exception);
            reader.Dispose();
            throw told;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private Exception Told(SqliteSession session, SqliteException exception) =>
        exception.SqliteErrorCode == raw.SQLITE_ERROR
        && exception.Message.Contains("no such table", StringComparison.Ordinal)
        && !HasSchema(session)
            ? StoreSchema.Unready(SchemaState.Missing, exception)
            : file.Told(exception);

    private SqliteSession Writer()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return writer ??= Open();
    }

    private SqliteSession RentReader()
    {
        lock (idleReaders)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (idleReaders.TryPop(out var idle))
            {
                return idle;
            }
        }

        return Open();
    }

    private void Return(SqliteSession reader)
    {
        lock (idleReaders)
        {
            if (!disposed)
            {
                idleReaders.Push(reader);
                return;
            }
        }

        reader.Dispose();
    }

    private SqliteSession Open() => new(file.Open(), sql, options.Clock);
}
