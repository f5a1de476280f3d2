namespace Enrichment.Ingestion;

/// <summary>A row of an upload.</summary>
/// <param name="Row">Its number among all rows, from 1.</param>
/// <param name="Cells">
/// Its cells as texts, one for each of <see cref="Upload.Columns"/>, null where the row has none. JSON that is no text is in JSON's notation.
/// Of a rejected row the cells into which its text can be split; there may be more of them than columns.
/// </param>
/// <param name="Fields">The values of its fields by name, as steps read them. None if it is rejected.</param>
/// <param name="Rejection">Why it is rejected, with its text; null if it is accepted.</param>
public sealed record UploadRow(
    int Row, IReadOnlyList<string?> Cells, IReadOnlyDictionary<string, string> Fields, RejectedRow? Rejection);
