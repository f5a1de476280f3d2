using System.Text;

namespace Enrichment.Ingestion;

/// <summary>
/// Recognises by their first bytes files that are not lists, such as archives and spreadsheets, and says what to do with them.
/// </summary>
internal static class ContentKind
{
    private const string Unpack = "Unpack it and upload the file inside.";
    private const string SaveAsCsv = "Open it and save the sheet as CSV (UTF-8).";

    /// <summary>Refuses binary files by their signatures.</summary>
    /// <exception cref="UploadException">The file is of another kind.</exception>
    public static void RequireText(ReadOnlySpan<byte> head)
    {
        if (Binary(head) is var (kind, mend))
        {
            throw Refusal(kind, mend);
        }
    }

    /// <summary>Refuses markup and JSON that is not written one object a line.</summary>
    /// <param name="text">The beginning of the text in UTF-8.</param>
    /// <exception cref="UploadException">The text is of another kind.</exception>
    public static void RequireRecords(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        if (Begins(text, "<!doctype html", "<html", "<table", "<head", "<body", "<meta", "<div"))
        {
            throw Refusal("a web page (HTML)", "Some systems name such a page .xls or .csv. " + SaveAsCsv);
        }

        if (Begins(text, "<?xml", "<workbook", "<rows", "<?mso-application"))
        {
            throw Refusal("XML", "Export it as CSV or JSON lines.");
        }

        if (Begins(text, "{\\rtf"))
        {
            throw Refusal("a document (RTF)", "Save it as plain text or CSV.");
        }

        if (Begins(text, "begin:vcard"))
        {
            throw Refusal("a vCard file", "Export the contacts as CSV.");
        }

        if (Begins(text, "[") && text[1..].TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[' or (byte)']' or (byte)'"', ..])
        {
            throw NotLines("a JSON array", ".[]");
        }

        if (IsJsonLines(text))
        {
            throw new UploadException("format_mismatch", "JSON lines are read as UTF-8 only. Save the file as UTF-8.");
        }

        if (IsJsonObject(text))
        {
            throw NotLines("JSON in which an object takes several lines", ".");
        }
    }

    /// <summary>Whether a text begins with a JSON object that ends on its line.</summary>
    public static bool IsJsonLines(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        var end = text.IndexOf((byte)'\n');
        return IsJsonObject(text) && (end < 0 || text[..end].TrimEnd(" \t\r"u8) is [.., (byte)'}']);
    }

    private static bool IsJsonObject(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        return text is [(byte)'{', ..] && text[1..].TrimStart(" \t\r\n"u8) is [(byte)'"' or (byte)'}', ..];
    }

    private static UploadException NotLines(string kind, string filter) => new(
        "json_not_lines",
        $"The file is {kind}; JSON is read as one object on each line. 'jq -c \"{filter}\" FILE' writes it in that form.");

    private static UploadException Refusal(string kind, string mend) =>
        new("not_a_list", $"The file is {kind}, not text with one record on each line. {mend}");

    private static bool Begins(ReadOnlySpan<byte> text, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (text.Length >= word.Length && Ascii.EqualsIgnoreCase(text[..word.Length], word))
            {
                return true;
            }
        }

        return false;
    }

    private static (string Kind, string Mend)? Binary(ReadOnlySpan<byte> head) => head switch
    {
        [(byte)'P', (byte)'K', 3 or 5 or 7, 4 or 6 or 8, ..] => Zip(head),
        [0x1F, 0x8B, ..] => ("compressed with gzip", "Unpack it (gunzip) and upload the file inside."),
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31, 0x41, 0x59, 0x26, ..] => ("compressed with bzip2", Unpack),
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => ("compressed with xz", Unpack),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => ("compressed with zstd", Unpack),
        [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => ("a 7z archive", Unpack),
        [(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 7, ..] => ("a RAR archive", Unpack),
        [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => ("an old Excel or Office document (.xls)", SaveAsCsv),
        [9, 0 or 2 or 4 or 8, 6 or 8 or 4 or 16, 0, ..] => ("an old Excel sheet (.xls)", SaveAsCsv),
        [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => ("a PDF document", "Export the list as CSV from where it was made."),
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => ("a Parquet file", "Convert it to CSV or JSON lines, with DuckDB for example."),
        [(byte)'O', (byte)'R', (byte)'C', < 32, ..] => ("an ORC file", "Convert it to CSV or JSON lines."),
        [(byte)'O', (byte)'b', (byte)'j', 1, ..] => ("an Avro file", "Convert it to CSV or JSON lines."),
        [(byte)'A', (byte)'R', (byte)'R', (byte)'O', (byte)'W', (byte)'1', ..] =>
            ("an Arrow or Feather file", "Convert it to CSV or JSON lines."),
        _ when head.StartsWith("SQLite format 3\0"u8) => ("a SQLite database", "Export the table as CSV."),
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..]
            or [0xFF, 0xD8, 0xFF, ..]
            or [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..]
            => ("a picture", "Export the list as CSV from where it was made."),
        _ when head.Length > 262 && head[257..].StartsWith("ustar"u8) => ("a tar archive", Unpack),
        _ => null,
    };

    /// <summary>Office documents are zip archives; the names of their parts, at the beginning, tell which.</summary>
    private static (string Kind, string Mend) Zip(ReadOnlySpan<byte> head)
    {
        if (head.IndexOf("opendocument.spreadsheet"u8) >= 0)
        {
            return ("a spreadsheet of LibreOffice (.ods)", SaveAsCsv);
        }

        if (head.IndexOf("xl/"u8) >= 0)
        {
            return ("an Excel workbook (.xlsx)", SaveAsCsv);
        }

        if (head.IndexOf("word/"u8) >= 0)
        {
            return ("a Word document (.docx)", "Export the list as CSV.");
        }

        if (head.IndexOf("Index/"u8) >= 0 && head.IndexOf(".iwa"u8) >= 0)
        {
            return ("a spreadsheet of Apple Numbers", "Open it and export the sheet as CSV.");
        }

        return head.IndexOf("[Content_Types].xml"u8) >= 0
            ? ("an Office document, probably an Excel workbook (.xlsx)", SaveAsCsv)
            : ("a zip archive", Unpack);
    }
}
