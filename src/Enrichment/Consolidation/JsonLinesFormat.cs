using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation;

/// <summary>
/// JSON lines: an object for each row, with each column in order. Numbers, truth values, lists and JSON are what they are in JSON; days,
/// instants and labels are strings, as in CSV. What has no value is null. Rows of a child table are an array of objects.
/// </summary>
public sealed record JsonLinesFormat : IExportFormat
{
    private const int BytesAtOnce = 64 * 1024;

    /// <inheritdoc />
    string IExportFormat.Name => "jsonl";

    /// <inheritdoc />
    async Task IExportFormat.WriteAsync(
        IReadOnlyList<ExportColumn> columns,
        IAsyncEnumerable<IReadOnlyList<object?>> rows,
        Stream output,
        CancellationToken cancellationToken)
    {
        var lines = new ArrayBufferWriter<byte>(2 * BytesAtOnce);
        await using var json = new Utf8JsonWriter(
            lines, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
        var row = new JsonRowWriter(json, columns);
        await foreach (var values in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            row.Write(values);
            json.Flush();
            json.Reset();
            lines.Write("\n"u8);
            if (lines.WrittenCount >= BytesAtOnce)
            {
                await output.WriteAsync(lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
                lines.ResetWrittenCount();
            }
        }

        await output.WriteAsync(lines.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private sealed class JsonRowWriter(Utf8JsonWriter json, IReadOnlyList<ExportColumn> columns)
    {
        private readonly JsonEncodedText[] names =
            [.. columns.Select(column => JsonEncodedText.Encode(column.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];

        private readonly JsonRowWriter?[] children =
            [.. columns.Select(column => column.Columns.Count > 0 ? new JsonRowWriter(json, column.Columns) : null)];

        public void Write(IReadOnlyList<object?> values)
        {
            json.WriteStartObject();
            for (var column = 0; column < names.Length; column++)
            {
                json.WritePropertyName(names[column]);
                Write(values[column], column);
            }

            json.WriteEndObject();
        }

        private void Write(object? value, int column)
        {
            switch (value)
            {
                case null:
                    json.WriteNullValue();
                    break;
                case string text when columns[column].IsJson:
                    json.WriteRawValue(OnOneLine(text), skipInputValidation: true);
                    break;
                case long number:
                    json.WriteNumberValue(number);
                    break;
                case decimal number:
                    json.WriteRawValue(CellNumber.Format(number), skipInputValidation: true);
                    break;
                case bool flag:
                    json.WriteBooleanValue(flag);
                    break;
                case IReadOnlyList<string> list:
                    json.WriteStartArray();
                    foreach (var text in list)
                    {
                        json.WriteStringValue(text);
                    }

                    json.WriteEndArray();
                    break;
                case IReadOnlyList<IReadOnlyList<object?>> rows:
                    json.WriteStartArray();
                    foreach (var row in rows)
                    {
                        children[column]!.Write(row);
                    }

                    json.WriteEndArray();
                    break;
                default:
                    json.WriteStringValue(CsvExport.Format(value));
                    break;
            }
        }

        // The end of a line stands in JSON between tokens alone.
        private static string OnOneLine(string json) => json.AsSpan().ContainsAny('\r', '\n')
            ? json.Replace('\r', ' ').Replace('\n', ' ')
            : json;
    }
}
