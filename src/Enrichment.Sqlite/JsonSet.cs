using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Enrichment.Sqlite;

/// <summary>
/// A set as the UTF-8 text of one JSON parameter, which the statement casts. A string of it would be twice as large, and made into these
/// bytes again.
/// </summary>
/// <remarks>Its buffer serves later sets, unless it has grown beyond <see cref="LargestKept"/>.</remarks>
internal sealed class JsonSet : IDisposable
{
    /// <summary>The largest buffer that is kept, in bytes.</summary>
    public const int LargestKept = 4 * 1024 * 1024;

    private const int BuffersKept = 4;
    private const int LargeObject = 85_000;

    private static readonly ConcurrentBag<ArrayBufferWriter<byte>> Buffers = [];

    // What HTML would mind is no matter here, and escapes are bytes.
    private static readonly JsonWriterOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> buffer;

    // An empty set has its brackets.
    private JsonSet(int length) => buffer = Buffers.TryTake(out var kept) && kept.Capacity >= length ? kept : new(length + 16);

    /// <summary>The text, until the set is disposed. White space may follow it.</summary>
    public ReadOnlyMemory<byte> Text => buffer.WrittenMemory;

    /// <summary>Rows as an array of arrays.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="length">About how long the text will be, in bytes.</param>
    /// <param name="cells">Writes a row's cells.</param>
    public static JsonSet Of<T>(IEnumerable<T> rows, int length, Action<Utf8JsonWriter, T> cells)
    {
        var set = new JsonSet(length);
        using var writer = new Utf8JsonWriter(set.buffer, Plain);
        writer.WriteStartArray();
        foreach (var row in rows)
        {
            writer.WriteStartArray();
            cells(writer, row);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.Flush();

        // The driver copies text that is shorter than its array. White space at the end costs less than a copy of a large array.
        if (set.buffer.WrittenCount >= LargeObject && set.buffer.FreeCapacity is > 0 and var left && left <= set.buffer.WrittenCount / 2)
        {
            set.buffer.GetSpan(left).Fill((byte)' ');
            set.buffer.Advance(left);
        }

        return set;
    }

    public void Dispose()
    {
        buffer.ResetWrittenCount();
        if (buffer.Capacity <= LargestKept && Buffers.Count < BuffersKept)
        {
            Buffers.Add(buffer);
        }
    }
}
