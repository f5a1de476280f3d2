using System.Text.Json.Serialization;

namespace Enrichment.Ingestion;

/// <summary>A rejected row as the store keeps it.</summary>
/// <param name="Row">Its number among all rows, from 1.</param>
/// <param name="Line">The line of the file on which it begins, from 1.</param>
/// <param name="Code">A stable word to group by.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="Raw">
/// Its bytes as they were in the file, not decoded, because they may not be legal text. Above 64 KiB it is cut and ends with a mark. In
/// JSON its first
/// 200 characters.
/// </param>
public sealed record RejectedRow(
    int Row, long Line, string Code, string Reason, [property: JsonConverter(typeof(RejectedTextConverter))] ReadOnlyMemory<byte> Raw);
