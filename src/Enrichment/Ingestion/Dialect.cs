namespace Enrichment.Ingestion;

/// <summary>How an upload's records are written, as declared or found.</summary>
/// <param name="Format">Never <see cref="UploadFormat.Detect"/>.</param>
/// <param name="Encoding">What the bytes are decoded by.</param>
/// <param name="Delimiter">Null when there is a single column, or none is needed.</param>
/// <param name="DelimiterConfidence">1 when declared; else the share of the first records that agree on the number of cells.</param>
/// <param name="PreambleLines">Lines to drop before the header.</param>
/// <param name="HasHeader">False when the first record is data.</param>
internal sealed record Dialect(
    UploadFormat Format, DetectedEncoding Encoding, char? Delimiter, double DelimiterConfidence, int PreambleLines, bool HasHeader)
{
    /// <summary>What separates cells when nothing does: the unit separator, which text does not hold.</summary>
    public const char NoDelimiter = '\u001F';
}
