using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Enrichment.Sqlite;

/// <summary>A set as one JSON parameter, an array of arrays, which the statement reads with <c>json_each</c>.</summary>
internal static class JsonRows
{
    // Its arrays outlive garbage collections, unlike the shared pool's: a set of large results would allocate them each time.
    private static readonly ArrayPool<byte> Texts = ArrayPool<byte>.Create(JsonSet.LargestKept, 4);

    public static string Of<T>(IReadOnlyCollection<T> rows, Action<Utf8JsonWriter, T> cells)
    {
        using var set = JsonSet.Of(rows, rows.Count * 64, cells);
        return Encoding.UTF8.GetString(set.Text.Span);
    }

    /// <summary>Numbers as a plain array.</summary>
    public static string Of(IEnumerable<int> numbers) => $"[{string.Join(',', numbers)}]";

    /// <summary>Numbers as a plain array.</summary>
    public static string Of(IEnumerable<short> numbers) => $"[{string.Join(',', numbers)}]";

    /// <summary>JSON as a string, so that its text is stored as it is, byte for byte.</summary>
    /// <remarks>
    /// The writer's own escaping takes a buffer of six times the text, and keeps it: with large results the largest use of memory.
    /// </remarks>
    /// <param name="writer">The writer.</param>
    /// <param name="json">JSON in UTF-8, in which control characters are escaped already.</param>
    public static void WriteJsonText(this Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        var length = json.Length + json.Count((byte)'"') + json.Count((byte)'\\') + 2;
        var buffer = Texts.Rent(length);
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
        Texts.Return(buffer);
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
