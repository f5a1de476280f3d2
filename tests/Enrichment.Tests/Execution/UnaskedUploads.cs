using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Uploads of which a test overrides what it is about; all else is refused.</summary>
internal class UnaskedUploads : IUploadStore
{
    public virtual Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task StageAsync(
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task DiscardAsync(Staging staging, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual IAsyncEnumerable<Upload> ReadUploadsAsync(string client, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual IAsyncEnumerable<StagedRow> ReadRowsAsync(Upload upload, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public virtual IAsyncEnumerable<StagedReject> ReadRejectsAsync(Upload upload, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
