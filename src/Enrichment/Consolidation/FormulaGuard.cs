using System.Buffers;

namespace Enrichment.Consolidation;

/// <summary>Keeps texts from a list from being run by the spreadsheet that opens the export (CWE-1236).</summary>
internal static class FormulaGuard
{
    // What spreadsheets take for the beginning of a formula, the full-width forms included.
    private static readonly SearchValues<char> Starts = SearchValues.Create("=+-@\t\r\uFF1D\uFF0B\uFF0D\uFF20");

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Puts an apostrophe before a text that could be a formula. A sign and digits alone are none, whatever reads them: +4930901820 stays a phone number.</summary>
    public static string? Disarm(string? text) => text is { Length: > 0 } && Starts.Contains(text[0]) && !IsSignedNumber(text) ? "'" + text : text;

    private static bool IsSignedNumber(string text) => text.Length > 1 && (text[0] is '+' or '-') && !text.AsSpan(1).ContainsAnyExcept(Digits);
}
