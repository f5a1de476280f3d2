using System.Globalization;
using System.Text.Json;

namespace Enrichment.Providers.Clay;

/// <summary>
/// A payload, read without trust in the kind of any of its values: a value of another kind than the expected one is absent.
/// </summary>
internal sealed class Payload(JsonElement value)
{
    public JsonElement Value { get; } = value;

    /// <summary>A text or a number as text, trimmed; null if it is blank or the word null.</summary>
    public string? Text(params ReadOnlySpan<string> path) =>
        Find(path) switch
        {
            { ValueKind: JsonValueKind.String } text
                when text.GetString()!.Trim() is { Length: > 0 } clean && !clean.Equals("null", StringComparison.OrdinalIgnoreCase) =>
                clean,
            { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
            _ => null,
        };

    /// <summary>A whole number, be it 67, 67.0, "67" or "1,234".</summary>
    public long? Whole(params ReadOnlySpan<string> path) =>
        decimal.TryParse(Text(path), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
        && number == decimal.Truncate(number)
        && Math.Abs(number) <= long.MaxValue
            ? (long)number
            : null;

    /// <summary>Texts, be they a list or a single one; null if there is none.</summary>
    public IReadOnlyList<string>? Texts(params ReadOnlySpan<string> path)
    {
        IReadOnlyList<string> texts = Find(path) switch
        {
            { ValueKind: JsonValueKind.Array } list =>
            [
                .. list.EnumerateArray().Select(element => new Payload(element).Text()).OfType<string>(),
            ],
            { ValueKind: JsonValueKind.String } => Text(path) is { } single ? [single] : [],
            _ => [],
        };
        return texts.Count == 0 ? null : texts;
    }

    /// <summary>The first of a list.</summary>
    public Payload? First(params ReadOnlySpan<string> path) =>
        Find(path) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? new(list[0]) : null;

    /// <summary>All of a list; none if it is no list.</summary>
    public IEnumerable<Payload> All(params ReadOnlySpan<string> path) =>
        Find(path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(element => new Payload(element)) : [];

    public bool Is(string property) => Find(property) is { ValueKind: JsonValueKind.True };

    private JsonElement? Find(params ReadOnlySpan<string> path)
    {
        var found = Value;
        foreach (var name in path)
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return null;
            }
        }

        return found;
    }
}
