using System.Globalization;
using System.Text;

namespace Enrichment.Normalization;

/// <summary>Text as it should have been typed: NFC, single spaces, nothing invisible.</summary>
internal static class CleanText
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <summary>
    /// Drops lone surrogates, invisible formatting and private use; turns white space and controls into single spaces; folds the letters of
    /// decorative fonts and the typographic apostrophes; composes (NFC); repairs text that was decoded twice. A fixed point: cleaning clean
    /// text changes nothing.
    /// </summary>
    /// <param name="text">Any string.</param>
    /// <param name="keepSymbols">False also drops emoji and other symbols, as for people's names.</param>
    public static string Of(string text, bool keepSymbols)
    {
        // What is dropped may lay open another text that was decoded twice; each repair shortens the text, so this ends.
        var clean = Once(DoubleEncoding.Repair(text), keepSymbols);
        for (var repaired = DoubleEncoding.Repair(clean); !ReferenceEquals(repaired, clean); repaired = DoubleEncoding.Repair(clean))
        {
            clean = Once(repaired, keepSymbols);
        }

        return clean;
    }

    private static string Once(string text, bool keepSymbols)
    {
        var kept = new StringBuilder(text.Length);
        var pendingSpace = false;
        var pendingJoiner = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            if (Rune.IsWhiteSpace(rune) || category == UnicodeCategory.Control)
            {
                pendingSpace = kept.Length > 0;
                pendingJoiner = 0;
            }
            else if (rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner)
            {
                // Persian and the Indic scripts write with joiners, between letters; elsewhere they are remains of emoji.
                pendingJoiner = kept.Length > 0 && !pendingSpace && IsLetterOrMark(LastRune(kept)) ? rune.Value : 0;
            }
            else if (IsKept(rune, category, keepSymbols))
            {
                if (pendingSpace)
                {
                    kept.Append(' ');
                }
                else if (pendingJoiner != 0 && Rune.IsLetter(rune))
                {
                    kept.Append((char)pendingJoiner);
                }

                Append(kept, rune);
                pendingSpace = false;
                pendingJoiner = 0;
            }
        }

        return kept.ToString().Normalize(NormalizationForm.FormC);
    }

    private static bool IsKept(Rune rune, UnicodeCategory category, bool keepSymbols) => category switch
    {
        UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol => keepSymbols || IsApostrophe(rune),
        UnicodeCategory.EnclosingMark => keepSymbols,
        _ => rune != Rune.ReplacementChar && rune.Value is not (>= 0xFE00 and <= 0xFE0F) and not (>= 0xE0100 and <= 0xE01EF),
    };

    private static void Append(StringBuilder kept, Rune rune)
    {
        if (IsApostrophe(rune))
        {
            kept.Append('\'');
        }
        else if (rune.Value is (>= 0x1D400 and <= 0x1D7FF) or (>= 0xFF01 and <= 0xFF5E) or (>= 0xFF66 and <= 0xFF9F))
        {
            // Mathematical and full-width letters, with which people decorate profiles; half-width kana, with which old systems save space.
            kept.Append(rune.ToString().Normalize(NormalizationForm.FormKC));
        }
        else
        {
            kept.Append(rune.ToString());
        }
    }

    private static bool IsApostrophe(Rune rune) => rune.Value is 0x2018 or 0x2019 or 0x201B or 0x02BC or 0x00B4 or 0x0060;

    private static bool IsLetterOrMark(Rune rune) =>
        Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static Rune LastRune(StringBuilder text) =>
        char.IsLowSurrogate(text[^1]) && text.Length > 1 ? new Rune(text[^2], text[^1]) : new Rune(text[^1]);
}
