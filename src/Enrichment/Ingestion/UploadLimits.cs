namespace Enrichment.Ingestion;

/// <summary>The bounds that keep memory constant for any file. Fixed: a file beyond them is not a lead list.</summary>
internal static class UploadLimits
{
    /// <summary>Columns of an upload. Excel stops at 16,384; real exports have 20 to 200.</summary>
    public const int MaxColumns = 5000;

    /// <summary>
    /// Bytes of UTF-8 of one record, its quotes and delimiters included, so that a quote never closed cannot read the file into memory.
    /// </summary>
    public const int MaxRecordBytes = 1024 * 1024;

    /// <summary>Bytes of the raw text kept of a rejected row; the rest is cut off with a mark.</summary>
    public const int MaxRawBytes = 64 * 1024;

    /// <summary>
    /// Bytes of staged JSON after which a batch is handed on, however few rows it has. Two batches are in memory at a time.
    /// </summary>
    public const int MaxBatchBytes = 2 * 1024 * 1024;

    /// <summary>Rows after which a batch is handed on, however small they are.</summary>
    public const int MaxBatchRows = 5000;
}
