using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Sqlite;

/// <summary>A set as one JSON parameter, an array of arrays, which the statement reads with <c>json_each</c>.</summary>
internal static class JsonRows
{
    // What HTML would mind is no matter here, and escapes are bytes.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Of<T>(IReadOnlyCollection<T> rows, Action<Utf8JsonWriter, T> cells)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(256 + (rows.Count * 64));
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartArray();
            foreach (var row in rows)
            {
                writer.WriteStartArray();
                cells(writer, row);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Numbers as a plain array.</summary>
    public static string Of(IEnumerable<int> numbers) => $"[{string.Join(',', numbers)}]";

    /// <summary>Numbers as a plain array.</summary>
    public static string Of(IEnumerable<short> numbers) => $"[{string.Join(',', numbers)}]";

    public static void WriteNumberOrNull(this Utf8JsonWriter writer, int? number)
    {
        if (number is { } value)
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
