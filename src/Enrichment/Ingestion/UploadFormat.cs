namespace Enrichment.Ingestion;

/// <summary>How the records of an upload are written.</summary>
public enum UploadFormat
{
    /// <summary>
    /// JSON lines if the file's name ends in <c>.jsonl</c> or <c>.ndjson</c> or its content begins with <c>{</c>; else delimited text.
    /// </summary>
    Detect,

    /// <summary>CSV, TSV and their relatives: a header, then one record a line, cells quoted by the rules of RFC 4180.</summary>
    Delimited,

    /// <summary>One JSON object a line, in UTF-8.</summary>
    JsonLines,
}
