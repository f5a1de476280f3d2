using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Enrichment.Json;

/// <summary>
/// Decides which JSON may enter the system, and writes what it lets in as canonical JSON. Every result, answer and raw row passes here,
/// above both stores.
/// </summary>
/// <remarks>
/// That a text parses does not mean that it can be stored: <c>jsonb</c> refuses NUL, lone surrogates and extreme numbers, SQLite cuts a
/// text at NUL, and the two pick different winners among duplicate names. Refused: invalid UTF-8, NUL, lone surrogates, duplicate property
/// names (compared unescaped), numbers of more than <see cref="JsonNumber.MaxDigits"/> significant digits or beyond the range of a double,
/// more than <see cref="MaxDepth"/> levels, more than <see cref="MaxBytes"/> before or after. Canonical: UTF-8, no white space, properties
/// in the order given, the least escaping, plain decimal numbers. Thread-safe. One pass; nothing is allocated but the output.
/// </remarks>
/// <param name="maxBytes">The largest value let in, in bytes of UTF-8: 1 MiB, far above any vendor's answer about one lead.</param>
internal sealed class JsonGate(int maxBytes = JsonGate.DefaultMaxBytes)
{
    public const int DefaultMaxBytes = 1024 * 1024;

    /// <summary>The depth at which System.Text.Json stops by default; no payload of the field comes near it.</summary>
    public const int MaxDepth = 64;

    [ThreadStatic]
    private static Utf8Sink? scratch;

    public static JsonGate Default { get; } = new();

    public int MaxBytes { get; } = maxBytes;

    /// <summary>Whether a text may be stored: no NUL, no half of a surrogate pair.</summary>
    public static GateRefusal? Refuse(ReadOnlySpan<char> text)
    {
        if (text.Contains('\0'))
        {
            return GateRefusal.NulCharacter;
        }

        for (int at; (at = text.IndexOfAnyInRange('\uD800', '\uDFFF')) >= 0; text = text[(at + 2)..])
        {
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
            {
                return GateRefusal.LoneSurrogate;
            }
        }

        return null;
    }

    public bool TryAccept(ReadOnlySpan<byte> json, [NotNullWhen(true)] out byte[]? canonical, [NotNullWhen(false)] out GateRefusal? refusal)
    {
        var sink = scratch ??= new Utf8Sink();
        sink.Clear();
        refusal = Append(json, sink);
        canonical = refusal is null ? sink.Written.ToArray() : null;
        if (sink.Length > DefaultMaxBytes)
        {
            scratch = null; // One giant must not be carried by the thread for ever.
        }

        return refusal is null;
    }

    public bool TryAccept(JsonElement json, [NotNullWhen(true)] out byte[]? canonical, [NotNullWhen(false)] out GateRefusal? refusal)
    {
        if (json.ValueKind != JsonValueKind.Undefined)
        {
            return TryAccept(JsonMarshal.GetRawUtf8Value(json), out canonical, out refusal);
        }

        canonical = null;
        refusal = new GateRefusal("invalid_json", "The JSON element is undefined: it belongs to no document.");
        return false;
    }

    /// <summary>
    /// Serialises the value with System.Text.Json and takes the outcome through the gate; the writer stops as soon as the limit is passed.
    /// </summary>
    /// <remarks>The serialiser itself puts U+FFFD for half of a surrogate pair in a .NET string, so none arrives here.</remarks>
    public bool TryAccept(
        object? value,
        JsonSerializerOptions? options,
        [NotNullWhen(true)] out byte[]? canonical,
        [NotNullWhen(false)] out GateRefusal? refusal)
    {
        canonical = null;
        var buffer = new BoundedBuffer(MaxBytes);
        try
        {
            using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = MaxDepth + 1 });
            JsonSerializer.Serialize(writer, value, value?.GetType() ?? typeof(object), options);
        }
        catch (BoundedBuffer.FullException)
        {
            refusal = TooLarge();
            return false;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            refusal = new GateRefusal(
                "not_serialisable",
                $"A value of type {value?.GetType().Name} cannot be written as JSON: {e.Message}");
            return false;
        }

        return TryAccept(buffer.Written, out canonical, out refusal);
    }

    /// <summary>Appends the canonical form to the sink, or leaves the sink as it was and says why not.</summary>
    public GateRefusal? Append(ReadOnlySpan<byte> json, Utf8Sink sink)
    {
        var start = sink.Length;
        var refusal = json.Length > MaxBytes ? TooLarge() : !Utf8.IsValid(json) ? GateRefusal.InvalidUtf8 : Copy(json, sink, start);
        if (refusal is not null)
        {
            sink.Rewind(start);
        }

        return refusal;
    }

    private GateRefusal? Copy(ReadOnlySpan<byte> json, Utf8Sink sink, int start)
    {
        var names = PropertyNames.Rent();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        var first = true;
        try
        {
            while (reader.Read())
            {
                if (Token(ref reader, sink, names, ref first) is { } refusal)
                {
                    return refusal;
                }

                if (sink.Length - start > MaxBytes)
                {
                    return TooLarge();
                }
            }

            return null;
        }
        catch (JsonException e)
        {
            return new GateRefusal(
                "invalid_json",
                $"Not valid JSON at byte {(e.LineNumber is 0 ? e.BytePositionInLine : reader.BytesConsumed)}: {FirstSentence(e.Message)}");
        }
        finally
        {
            names.Return();
        }
    }

    private static GateRefusal? Token(ref Utf8JsonReader reader, Utf8Sink sink, PropertyNames names, ref bool first)
    {
        var token = reader.TokenType;
        if (token is JsonTokenType.EndObject or JsonTokenType.EndArray)
        {
            if (token == JsonTokenType.EndObject)
            {
                names.CloseObject();
            }

            sink.Append(token == JsonTokenType.EndObject ? (byte)'}' : (byte)']');
            first = false;
            return null;
        }

        if (!first)
        {
            sink.Append((byte)',');
        }

        first = false;
        switch (token)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                if (reader.CurrentDepth >= MaxDepth)
                {
                    return new GateRefusal("too_deep", $"The JSON is nested deeper than {MaxDepth} levels.");
                }

                if (token == JsonTokenType.StartObject)
                {
                    names.OpenObject();
                }

                sink.Append(token == JsonTokenType.StartObject ? (byte)'{' : (byte)'[');
                first = true;
                return null;
            case JsonTokenType.PropertyName:
                var at = sink.Length;
                if (AppendString(ref reader, sink) is { } badName)
                {
                    return badName;
                }

                if (!names.TryAdd(sink, at))
                {
                    return new GateRefusal(
                        "duplicate_property",
                        $"The property {System.Text.Encoding.UTF8.GetString(sink.Slice(at).Span)} occurs twice in one object.");
                }

                sink.Append((byte)':');
                first = true;
                return null;
            case JsonTokenType.String:
                return AppendString(ref reader, sink);
            case JsonTokenType.Number:
                return JsonNumber.TryAppend(reader.ValueSpan, sink)
                    ? null
                    : new GateRefusal(
                        "number_out_of_range",
                        $"A number has more than {JsonNumber.MaxDigits} digits or lies beyond the range of a double.");
            default: // true, false, null
                sink.Append(reader.ValueSpan);
                return null;
        }
    }

    private static GateRefusal? AppendString(ref Utf8JsonReader reader, Utf8Sink sink)
    {
        if (reader.ValueIsEscaped)
        {
            return AppendUnescaped(ref reader, sink);
        }

        // Valid UTF-8 without a backslash holds no character that needs one: it is canonical as it is.
        var value = reader.ValueSpan;
        var room = sink.Reserve(value.Length + 2);
        room[0] = (byte)'"';
        value.CopyTo(room[1..]);
        room[value.Length + 1] = (byte)'"';
        sink.Advance(value.Length + 2);
        return null;
    }

    private static GateRefusal? AppendUnescaped(ref Utf8JsonReader reader, Utf8Sink sink)
    {
        var plain = System.Buffers.ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            var length = reader.CopyString(plain);
            return sink.AppendJsonString(plain.AsSpan(0, length));
        }
        catch (InvalidOperationException)
        {
            return GateRefusal.LoneSurrogate; // UTF-8 is known to be valid, so an escape named half a pair.
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private GateRefusal TooLarge() => new("too_large", $"The JSON is larger than the limit of {MaxBytes} bytes.");

    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? message : message[..(end + 1)];
    }
}
