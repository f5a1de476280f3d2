namespace Enrichment.Ingestion;

/// <summary>The encoding an upload is read with.</summary>
/// <param name="Name">One of <see cref="TextEncodings.Tested"/>.</param>
/// <param name="Confidence">1 when declared, marked by a byte order mark, or proved over every byte; else the share of the evidence that
/// speaks for it.</param>
/// <param name="Declared">Given by the caller: control characters of UTF-8 and UTF-16 are then taken as meant.</param>
/// <param name="MarkLength">Bytes of the byte order mark, to be skipped.</param>
internal sealed record DetectedEncoding(string Name, double Confidence, bool Declared, int MarkLength)
{
    public bool IsUnicode => Name.StartsWith("utf-", StringComparison.Ordinal);
}
