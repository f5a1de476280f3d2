using System.Buffers;
using System.Globalization;
using System.Text;

namespace Enrichment;

/// <summary>
/// Text from outside, made fit for one line of a message, a log or a terminal: no line ends, no control characters, nothing that turns or
/// hides what is around it.
/// </summary>
internal static class ForeignText
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>The text in whole characters.</summary>
    /// <param name="text">Any text; halves of surrogate pairs come out as U+FFFD.</param>
    /// <param name="maxLength">How many UTF-16 units are kept at most.</param>
    /// <param name="instead">Replaces a character that cannot stay.</param>
    public static string Of(string text, int maxLength, string instead)
    {
        var clean = new StringBuilder(Math.Min(text.Length, maxLength));
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var consumed) != OperationStatus.Done)
            {
                rune = Rune.ReplacementChar;
            }

            var kept = Stays(rune) ? rune.ToString() : instead;
            if (clean.Length + kept.Length > maxLength)
            {
                break;
            }

            clean.Append(kept);
            rest = rest[consumed..];
        }

        return clean.ToString();
    }

    // Persian and the Indic scripts write with joiners, and emoji are made with them.
    private static bool Stays(Rune rune) =>
        rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner
        || Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator);
}
