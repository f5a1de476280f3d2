namespace Enrichment.Ingestion;

/// <summary>
/// An upload that cannot be read as a whole; nothing of it is kept. The message says what is wrong, where, and how to correct it.
/// </summary>
public sealed class UploadException : EnrichmentException
{
    internal UploadException(string code, string message)
        : base(message)
    {
        Code = code;
    }

    internal UploadException(string code, string message, Exception inner)
        : base(message, inner)
    {
        Code = code;
    }

    /// <summary>
    /// A stable word for programs: <c>empty</c>, <c>encoding_unknown</c>, <c>encoding_uncertain</c>, <c>encoding_mismatch</c>,
    /// <c>record_too_long</c>, <c>too_many_columns</c>, <c>header_invalid</c>, <c>unclosed_quote</c>, <c>stray_quote</c>,
    /// <c>delimiter_invalid</c>, <c>delimiter_mismatch</c>, <c>delimiter_uncertain</c>, <c>rows_in_quotes</c>, <c>not_a_list</c>,
    /// <c>json_not_lines</c>, <c>format_mismatch</c>, <c>source_changed</c>, <c>workstream_invalid</c>.
    /// </summary>
    public string Code { get; }
}
