using System.Globalization;
using System.Text.Json;

namespace Enrichment.Providers.Http.Declared;

/// <summary>A place in an answer (RFC 6901).</summary>
internal static class Pointer
{
    public static IEnumerable<string> Problems(string setting, IEnumerable<string?> pointers) => pointers
        .Where(pointer => pointer is { Length: > 0 } && pointer[0] != '/')
        .Select(pointer => $"{setting} holds '{pointer}', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.");

    /// <summary>The value there; null if there is none, or it is JSON's null.</summary>
    public static JsonElement? Find(string pointer, JsonElement value)
    {
        try
        {
            return Walk(pointer, value);
        }
        catch (InvalidOperationException)
        {
            return null; // A name on the way holds half of a surrogate pair, which is no text that a pointer could name.
        }
    }

    /// <summary>The value as text, if it is a text or a number. Half of a surrogate pair is no text.</summary>
    public static string? Text(string pointer, JsonElement value)
    {
        try
        {
            return Find(pointer, value) switch
            {
                { ValueKind: JsonValueKind.String } text => text.GetString(),
                { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
                { ValueKind: JsonValueKind.True } => "true",
                { ValueKind: JsonValueKind.False } => "false",
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonElement? Walk(string pointer, JsonElement value)
    {
        foreach (var segment in pointer.Length == 0 ? [] : pointer[1..].Split('/'))
        {
            var name = segment.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var property))
            {
                value = property;
            }
            else if (value.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < value.GetArrayLength())
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
}
