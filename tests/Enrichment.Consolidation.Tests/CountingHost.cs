using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Tests;

/// <summary>The transactions of a host, and how many items it has filled in them.</summary>
internal sealed class CountingHost(IProjectionTransactions real) : IProjectionTransactions
{
    public int ItemsFilled { get; private set; }

    public Task<T> TransactAsync<T>(string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken) =>
        real.TransactAsync(
            projection,
            async session =>
            {
                session.ChunkTime = TimeSpan.Zero;
                var result = await work(session);
                ItemsFilled += session.ItemsFilled;
                return result;
            },
            cancellationToken);

    public Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        real.LookAsync(projection, read, cancellationToken);

    public Task<T> SnapshotAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        real.SnapshotAsync(projection, read, cancellationToken);

    public IAsyncEnumerable<T> StreamAsync<T>(
        Func<ProjectionReading, IAsyncEnumerable<T>> read, CancellationToken cancellationToken) =>
        real.StreamAsync(read, cancellationToken);
}
