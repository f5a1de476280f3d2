using System.Text.Json;

namespace Enrichment.Providers.Http.Vendors;

/// <summary>The texts of a document, names included, with their places.</summary>
internal static class Texts
{
    /// <summary>Texts that no store can hold.</summary>
    public static IEnumerable<(string Pointer, string Problem)> Problems(JsonElement value, string pointer) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Problem(() => property.Name) is { } problem
            ? [(pointer, $"the name of a property {problem}")]
            : Problems(property.Value, Below(pointer, property.Name))),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, index) => Problems(item, $"{pointer}/{index}")),
        JsonValueKind.String => Problem(() => value.GetString()!) is { } problem ? [(pointer, $"the text {problem}")] : [],
        _ => [],
    };

    /// <summary>The place that a pointer leads to, in the notation of JSONPath, which errors about every kind of file use.</summary>
    public static string Place(string pointer) =>
        string.Concat(
            pointer
                .Split('/')
                .Skip(1)
                .Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
                .Select(name =>
                    name.Length > 0 && name.All(char.IsAsciiDigit) ? $"[{name}]"
                    : name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? $".{name}"
                    : $"['{name}']")
                .Prepend("$"));

    /// <summary>The pointer of a property (RFC 6901).</summary>
    public static string Below(string pointer, string name) =>
        $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>A value as errors show it.</summary>
    public static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        _ => value.GetRawText() is { Length: > 60 } text ? text[..60] + "…" : value.GetRawText(),
    };

    private static string? Problem(Func<string> text)
    {
        try
        {
            return text().Contains('\0', StringComparison.Ordinal) ? "holds the character NUL, which cannot be stored. Remove it." : null;
        }
        catch (InvalidOperationException)
        {
            return "holds half of a surrogate pair, which is not a character. Correct its \\u escapes.";
        }
    }
}
