using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>One side of a comparison: its text and, if it is written as a JSON number that fits, its number.</summary>
internal readonly record struct ComparedText(string Text, decimal? Number)
{
    public static ComparedText Of(string text) => new(text, NumberOf(text));

    /// <summary>Whether the field's value, or one element of it if it is a list, satisfies the test. False if it is absent.</summary>
    public static bool AnyOf(EnrichmentRecord record, string field, Func<ComparedText, bool> test) =>
        record.Value(field) switch
        {
            null => false,
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray()
                .Any(element => element.ValueKind != JsonValueKind.Null && test(Of(element))),
            { } value => test(Of(value)),
        };

    public bool EqualTo(ComparedText other) =>
        Number is { } a && other.Number is { } b ? a == b : string.Equals(Text, other.Text, StringComparison.Ordinal);

    public int CompareTo(ComparedText other) =>
        Number is { } a && other.Number is { } b ? a.CompareTo(b) : string.CompareOrdinal(Text, other.Text);

    private static ComparedText Of(JsonElement value) =>
        Of(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText());

    /// <summary>JSON's grammar decides which text is a number, so <c>007</c>, <c>1,5</c> and <c> 1</c> stay text.</summary>
    private static decimal? NumberOf(string text)
    {
        if (text.Length is 0 or > 64 || !(char.IsAsciiDigit(text[^1]) && (char.IsAsciiDigit(text[0]) || text[0] == '-')))
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[64 * 3];
        var reader = new Utf8JsonReader(utf8[..Encoding.UTF8.GetBytes(text, utf8)]);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.Number && !reader.Read()
                && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
