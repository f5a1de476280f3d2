using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation;

/// <summary>The transactions of which all work on typed tables is made; <see cref="TypedTables"/> has the work.</summary>
internal interface IProjectionTransactions
{
    /// <summary>Runs work in a transaction in which no other caller works on the same projection; they follow each other.</summary>
    Task<T> TransactAsync<T>(string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Reads, while others work.</summary>
    Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>
    /// Reads, while others work, all statements in one snapshot, on a connection that is held as long as the work takes. No other
    /// operation of the store may be called meanwhile: it might wait for this one.
    /// </summary>
    Task<T> SnapshotAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>Reads rows, while others work, on a connection that is held as long as the reader takes.</summary>
    IAsyncEnumerable<T> StreamAsync<T>(Func<ProjectionReading, IAsyncEnumerable<T>> read, CancellationToken cancellationToken);
}
