using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Sqlite;

/// <summary>A set as one JSON parameter, an array of arrays, which the statement reads with <c>json_each</c>.</summary>
internal static class JsonRows
{
    // What HTML would mind is no matter here, and escapes are bytes.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static string Of<T>(IReadOnlyCollection<T> rows, Action<Utf8JsonWriter, T> cells) => Encoding.UTF8.GetString(Utf8Of(rows, rows.Count * 64, cells).Span);

    /// <summary>A large set as the bytes of its text, which the statement casts: a string of it would be twice as large, and made into these bytes again.</summary>
    /// <param name="rows">The set.</param>
    /// <param name="length">About how long the text will be.</param>
    /// <param name="cells">Writes a row's cells.</param>
    public static ReadOnlyMemory<byte> Utf8Of<T>(IReadOnlyCollection<T> rows, int length, Action<Utf8JsonWriter, T> cells)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(length + 16); // An empty set has its brackets.
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

        return buffer.WrittenMemory;
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
