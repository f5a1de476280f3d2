namespace Enrichment;

/// <summary>Which uploads are listed. Each property that is set leaves fewer.</summary>
public sealed record UploadFilter
{
    /// <summary>Those of this workstream.</summary>
    public string? Workstream { get; init; }

    /// <summary>Those whose file's name contains this text, in any case.</summary>
    public string? FileName { get; init; }

    /// <summary>Those whose bytes have this SHA-256.</summary>
    public ReadOnlyMemory<byte>? Sha256 { get; init; }

    /// <summary>Those that were sealed at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Those that were sealed before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>True: those from which a batch was launched; false: those from which none was.</summary>
    public bool? Launched { get; init; }

    /// <summary>Those that are older than this upload: the last one of a page gives the next page.</summary>
    public Guid? Before { get; init; }
}
