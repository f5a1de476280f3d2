using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Enrichment.Normalization;

/// <summary>Text that means no value: empty cells, and the placeholders of spreadsheets and exports.</summary>
public static class BlankText
{
    // Without "None" and "Na" in title case, which are people's names; "NA" is also Namibia, which Country knows.
    private static readonly FrozenSet<string> Words = FrozenSet.Create(
        StringComparer.Ordinal,
        "null",
        "NULL",
        "Null",
        "(null)",
        "[null]",
        "<null>",
        "nil",
        "NIL",
        "\\N",
        "none",
        "NONE",
        "undefined",
        "NaN",
        "nan",
        "na",
        "NA",
        "n/a",
        "N/A",
        "n.a.",
        "N.A.",
        "n.a",
        "N.A",
        "n/d",
        "N/D",
        "N/a",
        "N.a.",
        "#N/A",
        "#n/a",
        "#NA",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NULL!",
        "#DIV/0!",
        "#NUM!",
        "#ERROR!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#BUSY!",
        "#UNKNOWN!",
        "#GETTING_DATA",
        "#PYTHON!",
        "#EXTERNAL!",
        "Loading...",
        "Loading…",
        // The same in German, French and Spanish spreadsheets.
        "#NV",
        "#WERT!",
        "#BEZUG!",
        "#ZAHL!",
        "#ÜBERLAUF!",
        "#VALEUR!",
        "#NOM?",
        "#NOMBRE!",
        "#N/D",
        "#¡VALOR!",
        "#¡REF!",
        "#¿NOMBRE?",
        "#¡NUM!",
        "#¡DIV/0!",
        "#¡NULO!",
        "unknown",
        "Unknown",
        "UNKNOWN",
        "not available",
        "Not available",
        "Not Available",
        "not applicable",
        "Not applicable",
        "Not Applicable",
        "(blank)",
        "(empty)",
        "(none)",
        "(unknown)",
        "(not set)",
        "not set",
        "Not set",
        "Not Set",
        "not provided",
        "Not provided",
        "Not Provided",
        "not specified",
        "Not specified",
        "Not Specified",
        "no data",
        "No data",
        "No Data",
        "k.A.",
        "k. A.",
        "keine Angabe",
        "non renseigné",
        "sin datos",
        "[]",
        "{}",
        "\"\"",
        "''",
        "?",
        "tbd",
        "TBD");

    // In bytes: no placeholder that people write is longer.
    private const int LongestPlaceholder = 64;
    private static readonly int LongestWord = Words.Max(word => word.Length);

    private static readonly SearchValues<byte> LettersAndDigits =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>
    /// True for null, for text of white space, control characters and dashes only, and for the usual words, such as <c>null</c>,
    /// <c>N/A</c>, <c>#REF!</c>.
    /// </summary>
    public static bool IsBlank([NotNullWhen(false)] string? text) => IsBlank(text.AsSpan());

    /// <summary>The same for text that is no string yet.</summary>
    public static bool IsBlank(ReadOnlySpan<char> text)
    {
        var content = Trim(text);
        return content.IsEmpty
            || IsPunctuation(content)
            || (content.Length <= LongestWord && Words.GetAlternateLookup<ReadOnlySpan<char>>().Contains(content));
    }

    /// <summary>The same for text in UTF-8. More than 64 bytes with a letter or a digit among them are a value.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text)
    {
        if (text.Length <= LongestPlaceholder)
        {
            Span<char> decoded = stackalloc char[LongestPlaceholder];
            return Utf8.ToUtf16(text, decoded, out _, out var length) == OperationStatus.Done && IsBlank(decoded[..length]);
        }

        return text.IndexOfAny(LettersAndDigits) < 0 && IsBlank(Encoding.UTF8.GetString(text));
    }

    /// <summary>The text itself, or null where it <see cref="IsBlank(string?)">is blank</see>.</summary>
    public static string? ToNull(string? text) => IsBlank(text) ? null : text;

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && IsSpace(text[0]))
        {
            text = text[1..];
        }

        while (!text.IsEmpty && IsSpace(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }

    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || char.IsControl(c) || c is '\u200B' or '\uFEFF';

    private static bool IsPunctuation(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            var isPunctuation = c is '-' or '.' or '_' or ',' or ';' or '/' or '\\' or '*' or (>= '\u2010' and <= '\u2014') or '\u2212';
            if (!isPunctuation && !IsSpace(c))
            {
                return false;
            }
        }

        return true;
    }
}
