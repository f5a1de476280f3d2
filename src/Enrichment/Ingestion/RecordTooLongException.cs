namespace Enrichment.Ingestion;

/// <summary>A record did not end within the limit. Caught where the content can be read again, to say in which column.</summary>
#pragma warning disable CA1032, CA1064 // Thrown and caught inside the folder.
internal sealed class RecordTooLongException(long line, long offset, byte separator, Exception inner) : Exception(inner.Message, inner)
{
    public long Line { get; } = line;

    /// <summary>Where the record begins, in bytes of UTF-8 after the preamble.</summary>
    public long Offset { get; } = offset;

    public byte Separator { get; } = separator;
}
