using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Enrichment.Ingestion;

/// <summary>The form in which headers are compared: their letters and digits alone, in lower case and without accents.</summary>
/// <remarks>
/// <c>First Name</c>, <c>first_name</c>, <c>firstName</c> and <c>FIRST-NAME*</c> are one; so are <c>Prénom</c> and <c>Prenom</c>, and a
/// header with an invisible character.
/// </remarks>
internal static partial class HeaderName
{
    public static string Normalize(string header)
    {
        var text = new StringBuilder(header.Length);
        foreach (var rune in OwnPart(header).Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (rune.Value == 'ß')
            {
                text.Append("ss");
            }
            else if (Rune.IsLetterOrDigit(rune) || IsPartOfLetter(rune))
            {
                text.Append(Rune.ToLowerInvariant(rune));
            }
        }

        // A header of signs alone, such as "#", is compared as it is.
        return text.Length > 0 ? text.ToString().Normalize(NormalizationForm.FormC) : header.Trim();
    }

    /// <summary>The header without what forms and Salesforce put behind it: <c>Email (required)</c>, <c>LinkedIn__c</c>.</summary>
    private static string OwnPart(string header) => Addition().Replace(header, "");

    [GeneratedRegex(
        @"(__c|\((required|optional|pflichtfeld|obligatoire|obligatorio)\))\s*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Addition();

    /// <summary>
    /// Vowel signs of Indic scripts and the like change the word; the accents of Latin, Greek and Cyrillic letters only change its
    /// spelling.
    /// </summary>
    private static bool IsPartOfLetter(Rune rune) =>
        rune.Value is not (>= 0x300 and <= 0x36F)
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
