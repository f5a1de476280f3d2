using System.Text;

namespace Enrichment.Ingestion;

/// <summary>The form in which headers and aliases are compared: NFC, lower case by the invariant culture, trimmed, runs of white space as one blank.</summary>
internal static class HeaderName
{
    public static string Normalize(string header)
    {
        var text = new StringBuilder(header.Length);
        foreach (char c in header.Normalize(NormalizationForm.FormC))
        {
            if (!char.IsWhiteSpace(c) && c != '\uFEFF')
                text.Append(char.ToLowerInvariant(c));
            else if (text.Length > 0 && text[^1] != ' ')
                text.Append(' ');
        }

        return text.ToString().TrimEnd();
    }
}
