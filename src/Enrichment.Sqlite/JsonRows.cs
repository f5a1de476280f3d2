using System.Buffers;
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
        var buffer = new ArrayBufferWriter<byte>(length + 16); // An empty set has its brackets.
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

    /// <summary>JSON as a string, so that its text is stored as it is, byte for byte.</summary>
    /// <remarks>The writer's own escaping takes a buffer of six times the text, and keeps it for later: with large results the most memory of all.</remarks>
    /// <param name="writer">The writer.</param>
    /// <param name="json">JSON in UTF-8, in which control characters are escaped already.</param>
    public static void WriteJsonText(this Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        var length = json.Length + json.Count((byte)'"') + json.Count((byte)'\\') + 2;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var text = buffer.AsSpan(0, length);
        var at = 1;
        text[0] = text[^1] = (byte)'"';
        while (json.IndexOfAny((byte)'"', (byte)'\\') is var plain and >= 0)
        {
            json[..plain].CopyTo(text[at..]);
            (text[at + plain], text[at + plain + 1]) = ((byte)'\\', json[plain]);
            at += plain + 2;
            json = json[(plain + 1)..];
        }

        json.CopyTo(text[at..]);
        writer.WriteRawValue(text, skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(buffer);
    }

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
