using System.Buffers;
using System.Text.Unicode;

namespace Enrichment.Json;

/// <summary>A growing run of UTF-8 bytes that is written once, sliced, and used again.</summary>
/// <remarks>
/// Not thread-safe. Slices stay valid until <see cref="Clear"/>; a slice taken before the sink grew keeps the bytes it was taken with.
/// </remarks>
internal sealed class Utf8Sink(int capacity = 4096)
{
    private const int MaxBytesPerChar = 3;
    private static readonly SearchValues<char> Escaped = SearchValues.Create(EscapedCharacters());
    private static readonly SearchValues<byte> EscapedBytes = SearchValues.Create([.. EscapedCharacters().Select(c => (byte)c)]);
    private byte[] bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Slice(int start) => bytes.AsMemory(start, Length - start);

    public void Clear() => Length = 0;

    /// <summary>Takes back everything written since the sink had this length.</summary>
    public void Rewind(int length) => Length = length;

    public void Append(byte value)
    {
        if (Length == bytes.Length)
        {
            Grow(1);
        }

        bytes[Length++] = value;
    }

    public void Append(ReadOnlySpan<byte> values)
    {
        values.CopyTo(Reserve(values.Length));
        Length += values.Length;
    }

    /// <summary>
    /// Appends a JSON string with the least escaping JSON allows; on a refusal the sink holds a part of it, to be rewound by the caller.
    /// </summary>
    public GateRefusal? AppendJsonString(ReadOnlySpan<char> text)
    {
        Append((byte)'"');
        while (true)
        {
            var special = text.IndexOfAny(Escaped);
            var plain = special < 0 ? text : text[..special];
            var room = Reserve(plain.Length * MaxBytesPerChar);
            if (Utf8.FromUtf16(plain, room, out _, out var written, replaceInvalidSequences: false) != OperationStatus.Done)
            {
                return GateRefusal.LoneSurrogate;
            }

            Length += written;
            if (special < 0)
            {
                break;
            }

            if (text[special] == '\0')
            {
                return GateRefusal.NulCharacter;
            }

            AppendEscape((byte)text[special]);
            text = text[(special + 1)..];
        }

        Append((byte)'"');
        return null;
    }

    /// <summary>As for characters; the bytes are known to be valid UTF-8.</summary>
    public GateRefusal? AppendJsonString(ReadOnlySpan<byte> text)
    {
        Append((byte)'"');
        for (int special; (special = text.IndexOfAny(EscapedBytes)) >= 0; text = text[(special + 1)..])
        {
            Append(text[..special]);
            if (text[special] == 0)
            {
                return GateRefusal.NulCharacter;
            }

            AppendEscape(text[special]);
        }

        Append(text);
        Append((byte)'"');
        return null;
    }

    /// <summary>
    /// Room for at least so many bytes behind the written ones. The caller must <see cref="Advance"/> over the bytes that it fills.
    /// </summary>
    public Span<byte> Reserve(int size)
    {
        if (bytes.Length - Length < size)
        {
            Grow(size);
        }

        return bytes.AsSpan(Length);
    }

    public void Advance(int count) => Length += count;

    private void AppendEscape(byte value)
    {
        var escape = value switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\b' => "\\b"u8,
            (byte)'\f' => "\\f"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => default,
        };
        if (!escape.IsEmpty)
        {
            Append(escape);
            return;
        }

        const string hex = "0123456789abcdef";
        Append("\\u00"u8);
        Append((byte)hex[value >> 4]);
        Append((byte)hex[value & 15]);
    }

    private void Grow(int size) => Array.Resize(ref bytes, Math.Max(bytes.Length * 2, Length + size));

    private static char[] EscapedCharacters() => [.. Enumerable.Range(0, 32).Select(c => (char)c), '"', '\\'];
}
