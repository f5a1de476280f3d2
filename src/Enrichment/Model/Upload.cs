using System.Text.Json.Serialization;
using Enrichment.Json;

namespace Enrichment;

/// <summary>A sealed upload.</summary>
public sealed record Upload
{
    /// <summary>The inner key.</summary>
    internal int Key { get; init; }

    /// <summary>The public id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The workstream's name.</summary>
    public required string Workstream { get; init; }

    /// <summary>The workstream's version at the time.</summary>
    public required string WorkstreamVersion { get; init; }

    /// <summary>The file's name as the caller gave it.</summary>
    public string? FileName { get; init; }

    /// <summary>Bytes read.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>SHA-256 of the bytes read; in JSON lower-case hexadecimal digits.</summary>
    [JsonConverter(typeof(HexBytesConverter))]
    public required ReadOnlyMemory<byte> Sha256 { get; init; }

    /// <summary>The headers by position.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>For each field the positions of its columns by rank.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<int>> HeaderMap { get; init; }

    /// <summary>The report as one JSON object.</summary>
    [JsonConverter(typeof(RawJsonTextConverter))]
    public required string Report { get; init; }

    /// <summary>Rows accepted.</summary>
    public required int Accepted { get; init; }

    /// <summary>Rows rejected.</summary>
    public required int Rejected { get; init; }

    /// <summary>How many batches were launched from it, pruned ones included.</summary>
    public int Batches { get; init; }

    /// <summary>The actor who uploaded it.</summary>
    public string? By { get; init; }

    /// <summary>When it was sealed, by the store's clock.</summary>
    public required DateTimeOffset SealedAt { get; init; }

    /// <summary>When its rows were pruned with the last batch that needed them. Null: they are stored.</summary>
    public DateTimeOffset? PrunedAt { get; init; }

    /// <summary>
    /// True if an upload with the same content existed already: this is that upload, and the newly staged rows are deleted.
    /// </summary>
    public bool AlreadyThere { get; init; }
}
