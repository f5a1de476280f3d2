using System.Globalization;
using System.Text;

namespace Enrichment.Ingestion;

/// <summary>The form in which headers are compared: their letters and digits alone, in lower case and without accents.</summary>
/// <remarks><c>First Name</c>, <c>first_name</c>, <c>firstName</c> and <c>FIRST-NAME*</c> are one; so are <c>Prénom</c> and <c>Prenom</c>, and a header with an invisible character.</remarks>
internal static class HeaderName
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

        // A header of signs alone, such as "#", is compared as it stands.
        return text.Length > 0 ? text.ToString().Normalize(NormalizationForm.FormC) : header.Trim();
    }

    /// <summary>The header without the ending that Salesforce gives to fields which a customer adds: <c>LinkedIn__c</c>.</summary>
    private static string OwnPart(string header)
    {
        var trimmed = header.AsSpan().TrimEnd();
        return trimmed.EndsWith("__c", StringComparison.OrdinalIgnoreCase) ? trimmed[..^3].ToString() : header;
    }

    /// <summary>Vowel signs of Indic scripts and the like change the word; the accents of Latin, Greek and Cyrillic letters only change its spelling.</summary>
    private static bool IsPartOfLetter(Rune rune) =>
        rune.Value is not (>= 0x300 and <= 0x36F)
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
