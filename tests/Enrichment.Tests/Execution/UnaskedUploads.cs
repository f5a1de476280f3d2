using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Uploads that no test asks for anything.</summary>
internal sealed class UnaskedUploads : IUploadStore
{
    public Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task StageAsync(
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DiscardAsync(Staging staging, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> WithdrawUploadAsync(Upload upload, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<Upload> ReadUploadsAsync(string client, UploadFilter filter, int below, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<StagedRow> ReadRowsAsync(Upload upload, int after, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<StagedReject> ReadRejectsAsync(Upload upload, int after, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
