using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Enrichment.Json;

/// <summary>A place in a JSON value (RFC 6901), such as <c>/experience/0/company</c>.</summary>
/// <remarks>
/// Stricter than the RFC in one point: a segment that looks like a number must be one that indexes an array (<c>01</c> and <c>-1</c> are
/// refused), because databases disagree about the others.
/// </remarks>
internal sealed class JsonPointer : IEquatable<JsonPointer>
{
    private readonly string[] segments;
    private (byte[] Name, int Index)[]? steps;

    private JsonPointer(string text, string[] segments)
    {
        Text = text;
        this.segments = segments;
    }

    /// <summary>The pointer as written.</summary>
    public string Text { get; }

    /// <summary>Its segments, unescaped; none for the whole value.</summary>
    public IReadOnlyList<string> Segments => segments;

    /// <summary>
    /// Reads a pointer: empty for the whole value, else segments that begin with a slash; <c>~1</c> means a slash in a name, <c>~0</c> a
    /// tilde.
    /// </summary>
    /// <exception cref="EnrichmentException">The text is not a pointer; the message says why.</exception>
    public static JsonPointer Parse(string text)
    {
        if (text.Length > 0 && text[0] != '/')
        {
            throw new EnrichmentException($"'{Excerpt.Of(text)}' is not a JSON pointer: it must begin with '/', as in '/company/domain'.");
        }

        return new(text, text.Length == 0 ? [] : [.. text[1..].Split('/').Select(segment => Unescape(segment, text))]);
    }

    /// <summary>The pointer to a property of the outermost object, whatever characters its name has.</summary>
    public static JsonPointer ToProperty(string name) =>
        new("/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal), [name]);

    /// <summary>The place of a produced field in its step's result: its path, else the property of its full name.</summary>
    /// <exception cref="EnrichmentException">The path is not a pointer.</exception>
    public static JsonPointer Of(ProducedField produced) => produced.Path is { } path ? Parse(path) : ToProperty(produced.Field);

    /// <summary>The value at this place; null if there is none, or it is JSON's null.</summary>
    public JsonElement? In(JsonElement value)
    {
        foreach (var segment in segments)
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(segment, out var property))
            {
                value = property;
            }
            else if (value.ValueKind == JsonValueKind.Array
                && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < value.GetArrayLength())
            {
                value = value[index];
            }
            else
            {
                return null;
            }
        }

        return value.ValueKind == JsonValueKind.Null ? null : value;
    }

    /// <summary>
    /// Puts the reader on the value's first token. Of equal names in an object the first counts; results have no equal names.
    /// </summary>
    internal bool TryFind(ReadOnlySpan<byte> json, out Utf8JsonReader reader)
    {
        reader = new(json, new JsonReaderOptions { MaxDepth = 1000 });
        reader.Read();
        foreach (var (name, index) in steps ??= [.. segments.Select(segment => (Encoding.UTF8.GetBytes(segment), IndexOf(segment)))])
        {
            var found = reader.TokenType switch
            {
                JsonTokenType.StartObject => EnterProperty(ref reader, name),
                JsonTokenType.StartArray => EnterElement(ref reader, index),
                _ => false,
            };
            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static bool EnterProperty(ref Utf8JsonReader reader, byte[] name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(name))
            {
                return reader.Read();
            }

            reader.Skip();
        }

        return false;
    }

    private static bool EnterElement(ref Utf8JsonReader reader, int index)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index-- == 0)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <inheritdoc />
    public bool Equals(JsonPointer? other) => other is not null && Text == other.Text;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as JsonPointer);

    /// <inheritdoc />
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Text;

    private static string Unescape(string segment, string pointer)
    {
        for (var tilde = segment.IndexOf('~', StringComparison.Ordinal); tilde >= 0; tilde = segment.IndexOf('~', tilde + 1))
        {
            if (tilde + 1 == segment.Length || segment[tilde + 1] is not ('0' or '1'))
            {
                throw new EnrichmentException(
                    $"'{Excerpt.Of(pointer)}' is not a JSON pointer: a '~' in a name is written '~0', a '/' is written '~1'.");
            }
        }

        if (JsonGate.Refuse(segment) is not null)
        {
            throw new EnrichmentException(
                $"'{Excerpt.Of(pointer)}' is not a JSON pointer that can match anything: no stored JSON holds NUL or half of a surrogate pair.");
        }

        var name = segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        return LooksLikeANumber(name) && !IsIndex(name)
            ? throw new EnrichmentException(
                $"'{Excerpt.Of(pointer)}': '{Excerpt.Of(name)}' is neither a name nor an index of an array. Write indexes as 0, 1, 2 and so on.")
            : name;
    }

    private static bool LooksLikeANumber(string name) =>
        int.TryParse(name.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static int IndexOf(string name) =>
        name.Length > 0 && IsIndex(name) && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : -1;

    private static bool IsIndex(string name) => name == "0" || (name[0] is >= '1' and <= '9' && name.All(char.IsAsciiDigit));
}
