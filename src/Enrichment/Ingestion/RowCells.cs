using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Enrichment.Ingestion;

/// <summary>The cells of an upload's rows as texts. A rejected row has those into which its text can be split.</summary>
internal sealed class RowCells
{
    private readonly IReadOnlyList<string> columns;
    private readonly Dictionary<string, int>? properties;
    private readonly string delimiter;
    private readonly RecordScanner record;

    public RowCells(Upload upload)
    {
        columns = upload.Columns;
        using var report = JsonDocument.Parse(upload.Report);
        delimiter = Text(report, "delimiter") ?? Dialect.NoDelimiter.ToString();
        record = new RecordScanner(Encoding.UTF8.GetBytes(delimiter));
        if (Text(report, "format") == UploadReportBuilder.JsonLines)
        {
            properties = columns.Index().ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);
        }
    }

    /// <summary>The text of a JSON value at which a reader stands, past which it then is. Null for null.</summary>
    public static string? Text(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => reader.GetString(),
        _ => JsonElement.ParseValue(ref reader).GetRawText(),
    };

    /// <summary>The cells of an accepted row, one for each column.</summary>
    public string?[] Of(ReadOnlySpan<byte> raw)
    {
        var cells = new string?[columns.Count];
        var reader = new Utf8JsonReader(raw);
        reader.Read();
        for (var column = 0; column < cells.Length && reader.Read() && reader.TokenType != JsonTokenType.EndArray; column++)
        {
            cells[column] = Text(ref reader);
        }

        return cells;
    }

    /// <summary>The cells of a rejected row: one for each column, and those beyond the last.</summary>
    /// <returns>The cells, and whether they say all that the text says.</returns>
    public (string?[] Cells, bool IsWhole) Of(RejectedRow row)
    {
        var raw = row.Raw.ToArray();
        var isWhole = raw.Length < UploadLimits.MaxRawBytes && Utf8.IsValid(raw);
        var (cells, isSplit) = properties is null ? Split(raw) : Properties(raw, properties);
        Array.Resize(ref cells, Math.Max(cells.Length, columns.Count));
        return (cells, isWhole && isSplit);
    }

    // A stray quote parts nothing: it stays in its cell, where it can be seen.
    private (string?[] Cells, bool IsSplit) Split(byte[] raw)
    {
        record.Scan(raw, 0, raw.Length, complete: true);
        return record.Damage is null && record.Length == raw.Length
            ? ([.. Enumerable.Range(0, record.Count).Select(cell => Encoding.UTF8.GetString(record.Cell(cell)))], true)
            : (Encoding.UTF8.GetString(raw).Split(delimiter), false);
    }

    private static (string?[] Cells, bool IsSplit) Properties(byte[] raw, Dictionary<string, int> properties)
    {
        var cells = new string?[properties.Count];
        var isSplit = true;
        try
        {
            using var line = JsonDocument.Parse(raw);
            if (line.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (cells, false);
            }

            foreach (var property in line.RootElement.EnumerateObject())
            {
                if (properties.TryGetValue(property.Name, out var column) && cells[column] is null)
                {
                    cells[column] = property.Value.ValueKind switch
                    {
                        JsonValueKind.Null => null,
                        JsonValueKind.String => property.Value.GetString(),
                        _ => property.Value.GetRawText(),
                    };
                }
                else
                {
                    isSplit = false;
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return (cells, false); // No JSON, or a text with half a character: the line itself is shown.
        }

        return (cells, isSplit);
    }

    private static string? Text(JsonDocument report, string name) =>
        report.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
