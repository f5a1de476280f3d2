using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Enrichment.Consolidation.Reading;

/// <summary>Keeps texts from a list from being run by the spreadsheet that opens the export (CWE-1236).</summary>
internal static partial class FormulaGuard
{
    // What spreadsheets take for the beginning of a formula, the full-width forms included.
    private static readonly SearchValues<char> Starts = SearchValues.Create("=+-@\uFF1D\uFF0B\uFF0D\uFF20");

    // Where a spreadsheet with other regional settings, or a text import, begins a new cell.
    private static readonly SearchValues<char> Separators = SearchValues.Create(";\t\r\n\u0085\u2028\u2029");

    /// <summary>
    /// Puts an apostrophe before a text that could be a formula, and before each part of it that could be one where <c>;</c>, a tab or a
    /// line end begins a cell. White space, control and format characters before the formula do not hide it. A number stays a number for
    /// every reader: +4930901820 and -12,5.
    /// </summary>
    /// <returns>The text itself if nothing in it could be a formula.</returns>
    public static string? Disarm(string? text)
    {
        if (text is null || !text.AsSpan().ContainsAny(Starts))
        {
            return text;
        }

        StringBuilder? disarmed = null;
        for (var start = 0; start < text.Length; start = NextPart(text, start))
        {
            var part = text.AsSpan(start, NextPart(text, start) - start);
            if (BeginsFormula(part) && !Number().IsMatch(part.Trim()))
            {
                disarmed ??= new StringBuilder(text, 0, start, text.Length + 4);
                disarmed.Append('\'');
            }

            disarmed?.Append(part);
        }

        return disarmed?.ToString() ?? text;
    }

    private static int NextPart(string text, int start)
    {
        var separator = text.AsSpan(start).IndexOfAny(Separators);
        return separator < 0 ? text.Length : start + separator + 1;
    }

    private static bool BeginsFormula(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c) && char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format))
            {
                return Starts.Contains(c);
            }
        }

        return false;
    }

    [GeneratedRegex(@"^[+-]\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?;?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
