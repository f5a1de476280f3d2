using System.Text.Json.Serialization;
using Enrichment.Json;

namespace Enrichment.Consolidation;

/// <summary>
/// The record of an export: who took which rows. It is written before the first byte is handed over, and never changed but for its end.
/// </summary>
public sealed record Export
{
    /// <summary>The public id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The projection's name.</summary>
    public required string Projection { get; init; }

    /// <summary>The table whose rows were exported: the projection's, or one of its child tables.</summary>
    public required string Table { get; init; }

    /// <summary>The version of the table.</summary>
    public required int Version { get; init; }

    /// <summary>Only rows of this batch; null for all.</summary>
    public Guid? Batch { get; init; }

    /// <summary>The condition that the rows satisfy, as JSON; null for none.</summary>
    [JsonConverter(typeof(RawJsonTextConverter))]
    public string? Filter { get; init; }

    /// <summary>The columns by which rows are sorted, such as <c>employees:desc</c>; empty for the order of the file.</summary>
    public required IReadOnlyList<string> Sort { get; init; }

    /// <summary>The columns of the file, in order.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>The day that <c>as_of</c> meant.</summary>
    public required DateOnly AsOf { get; init; }

    /// <summary>The kind of file, as <see cref="IExportFormat.Name"/>.</summary>
    public required string Format { get; init; }

    /// <summary>The actor.</summary>
    public required string By { get; init; }

    /// <summary>How many rows there are.</summary>
    public required long Rows { get; init; }

    /// <summary>How many bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>SHA-256 of the bytes; in JSON lower-case hexadecimal digits.</summary>
    [JsonConverter(typeof(HexBytesConverter))]
    public required ReadOnlyMemory<byte> Sha256 { get; init; }

    /// <summary>When the bytes began to be handed over, by the store's clock.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    /// <summary>When the last of them was. Null: it has not been yet, or the export broke off, so that only a part may have left.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
