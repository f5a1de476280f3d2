namespace Enrichment.Storage;

/// <summary>Uploads: rows staged as they came, sealed whole.</summary>
internal interface IUploadStore
{
    /// <summary>Begins an upload. The client is made if it is new.</summary>
    Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken);

    /// <summary>Adds rows to an unsealed upload.</summary>
    /// <exception cref="EnrichmentException">The upload was sealed, discarded or given up.</exception>
    Task StageAsync(
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken);

    /// <summary>Makes the whole upload visible; or finds an upload with the same content and discards the staged rows.</summary>
    Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken);

    /// <summary>Removes an unsealed upload and its rows, bucket after bucket. After an interruption, call it again.</summary>
    Task DiscardAsync(Staging staging, CancellationToken cancellationToken);

    /// <summary>
    /// Uploads that were begun and not sealed, and to which nothing was added for so long, or that were given up and not removed. At most
    /// 1,000.
    /// </summary>
    Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken);

    /// <summary>
    /// Gives an upload up: it takes no more rows and cannot be sealed. Returns false, and changes nothing, if it is sealed or rows were
    /// added meanwhile.
    /// </summary>
    Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a sealed upload one that was given up: no reader and no launch finds it, and <see cref="DiscardAsync"/> removes it. Returns
    /// false, and changes nothing, if a batch was launched from it.
    /// </summary>
    Task<bool> WithdrawUploadAsync(Upload upload, CancellationToken cancellationToken);

    /// <summary>A client's sealed upload; null if this client has none of that id.</summary>
    Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken);

    /// <summary>
    /// A client's sealed uploads that a filter leaves, the youngest first, without those that hold the rows of request batches.
    /// </summary>
    /// <param name="client">The client's slug.</param>
    /// <param name="filter">Its <see cref="UploadFilter.Before"/> is not read.</param>
    /// <param name="below">Only those whose inner key is less.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<Upload> ReadUploadsAsync(string client, UploadFilter filter, int below, CancellationToken cancellationToken);

    /// <summary>The accepted rows after a row, ascending.</summary>
    IAsyncEnumerable<StagedRow> ReadRowsAsync(Upload upload, int after, CancellationToken cancellationToken);

    /// <summary>The refused rows after a row, ascending.</summary>
    IAsyncEnumerable<StagedReject> ReadRejectsAsync(Upload upload, int after, CancellationToken cancellationToken);
}
