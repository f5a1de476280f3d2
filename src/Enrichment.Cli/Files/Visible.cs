using System.Globalization;
using System.Text;

namespace Enrichment.Cli.Files;

/// <summary>
/// Text from outside as a terminal may show it: what would move its cursor, change its colours or reorder its letters is spelt out.
/// </summary>
/// <remarks>Everything for people passes here on its way out: answers, messages, progress. JSON has escapes of its own.</remarks>
internal static class Visible
{
    /// <summary>Lines stay lines.</summary>
    public static string Text(string text) => Spell(text, keep: "\n\t");

    /// <summary>One line: a value that is part of a sentence or of a table cannot begin a line that looks like the tool's own.</summary>
    public static string Line(string text) => Spell(text, keep: "");

    private static string Spell(string text, string keep)
    {
        var spelt = default(StringBuilder);
        for (var i = 0; i < text.Length; i++)
        {
            var hidden = IsHidden(text[i]) && !keep.Contains(text[i], StringComparison.Ordinal);
            if (hidden && spelt is null)
            {
                spelt = new StringBuilder().Append(text, 0, i);
            }

            _ = hidden ? spelt!.Append(Word(text[i])) : spelt?.Append(text[i]);
        }

        return spelt?.ToString() ?? text;
    }

    private static string Word(char hidden) => hidden switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)hidden:X4}",
    };

    // Joiners and soft hyphens stay: emoji and some scripts need them, and they reorder nothing.
    private static bool IsHidden(char character) => char.IsControl(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || character
            is '\u061C'
                or '\u200B'
                or '\u200E'
                or '\u200F'
                or (>= '\u202A' and <= '\u202E')
                or (>= '\u2066' and <= '\u2069')
                or '\uFEFF';
}
