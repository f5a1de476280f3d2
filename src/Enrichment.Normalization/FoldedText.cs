using System.Globalization;
using System.Text;

namespace Enrichment.Normalization;

/// <summary>Text reduced to what two spellings of one name share.</summary>
public static class FoldedText
{
    /// <summary>
    /// Lower-case letters and digits only; Latin, Greek and Cyrillic without their diacritics; <c>&amp;</c> and <c>+</c> read as "and".
    /// Marks of other scripts carry meaning and stay.
    /// </summary>
    /// <param name="text">A name or any other text; white space and punctuation go.</param>
    /// <exception cref="ArgumentException">The text holds half of a surrogate pair.</exception>
    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        var afterAlphabetic = false;
        foreach (var rune in text.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var isMark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (Rune.IsLetterOrDigit(rune) || (isMark && !afterAlphabetic))
            {
                Append(folded, Rune.ToLowerInvariant(rune));
            }
            else if (rune.Value is '&' or '+')
            {
                folded.Append("and");
            }

            afterAlphabetic = isMark ? afterAlphabetic : rune.Value < 0x0530;
        }

        return folded.ToString().Normalize(NormalizationForm.FormC);
    }

    // Letters that Unicode does not take apart.
    private static void Append(StringBuilder folded, Rune rune) => folded.Append(rune.Value switch
    {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' or 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        _ => rune.ToString(),
    });
}
