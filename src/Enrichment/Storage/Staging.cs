namespace Enrichment.Storage;

/// <summary>An upload that is being staged: invisible until sealed.</summary>
internal sealed record Staging(int Upload, Guid Id, string Client)
{
    private readonly int first = Bucket.Of(Id, 1);

    /// <summary>The bucket of one of its rows.</summary>
    public short BucketOf(int row) => (short)Bucket.After(first, row);

    /// <summary>The exception for rows that are added to an upload that no longer accepts any.</summary>
    internal EnrichmentException GivenUp() => new(
        $"Upload {Id} takes no more rows: it was sealed or discarded, or abandoned because no row was added for too long. Upload the file again.");
}

/// <summary>What an upload begins with.</summary>
/// <param name="Client">The client's slug; the client is made if it is new.</param>
/// <param name="Workstream">The workstream's name.</param>
/// <param name="WorkstreamVersion">Its version.</param>
/// <param name="FileName">As the caller knows it; null for a stream of records.</param>
/// <param name="By">The actor.</param>
internal sealed record NewUpload(string Client, string Workstream, string WorkstreamVersion, string? FileName, string? By = null);

/// <summary>An accepted row: its number and its cells as a UTF-8 JSON array by column position.</summary>
internal readonly record struct StagedRow(int Row, ReadOnlyMemory<byte> Raw);

/// <summary>A rejected row.</summary>
/// <param name="Row">Its number among all rows.</param>
/// <param name="Line">The line of the file where it begins, from 1.</param>
/// <param name="Code">The reason as a word.</param>
/// <param name="Reason">The reason as a sentence.</param>
/// <param name="Raw">Its original text as UTF-8.</param>
internal readonly record struct StagedReject(int Row, long Line, string Code, string Reason, ReadOnlyMemory<byte> Raw);

/// <summary>The facts about an upload once its last row is staged.</summary>
internal sealed record UploadSeal
{
    /// <summary>Bytes read.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 of the bytes read.</summary>
    public required ReadOnlyMemory<byte> Sha256 { get; init; }

    /// <summary>SHA-256 over content, dialect and header map: what makes two uploads the same.</summary>
    public required ReadOnlyMemory<byte> Fingerprint { get; init; }

    /// <summary>True to keep this upload even if the same content is already there.</summary>
    public bool Again { get; init; }

    /// <summary>The headers by position.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>For each field the positions of its columns by rank; the first non-blank cell wins.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<int>> HeaderMap { get; init; }

    /// <summary>The report as one JSON object.</summary>
    public required string Report { get; init; }

    /// <summary>Rows accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>Rows rejected.</summary>
    public required int Rejected { get; init; }
}
