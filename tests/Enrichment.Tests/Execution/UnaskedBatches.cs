using System.Data.Common;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Batches of which a test overrides what it is about; all else is refused.</summary>
internal class UnaskedBatches : IBatchStore
{
    public virtual Task<IReadOnlyList<Batch>> LaunchAsync(
        IReadOnlyList<LaunchRequest> requests,
        DbTransaction? transaction,
        CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<Batch?> FindBatchAsync(string client, Guid id, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual IAsyncEnumerable<Batch> ReadBatchesAsync(string client, BatchFilter filter, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<bool> SetPausedAsync(int batch, bool paused, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<bool> SetPriorityAsync(int batch, short priority, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<IReadOnlyList<MovedItems>?> CancelAsync(int batch, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<IReadOnlyList<MovedItems>> CancelBucketAsync(int batch, short bucket, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<int> RetryAsync(
        int batch,
        short stage,
        IReadOnlyList<int> items,
        bool sameKey,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<int> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<IReadOnlyList<Batch>> CompleteBatchesAsync(CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
