namespace Enrichment.Consolidation;

/// <summary>Text from outside, as it may stand in a message: short, and without characters that would change how a terminal or a log shows it.</summary>
internal static class Printable
{
    private const int Most = 80;

    public static string Of(string text)
    {
        var shown = text.Length <= Most ? text : string.Concat(text.AsSpan(0, Most), "…");
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? '\uFFFD' : c));
    }

    /// <summary>Whether a text holds what no store may keep: NUL, or half of a surrogate pair.</summary>
    public static bool HasForbidden(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i]))))
            {
                return true;
            }
        }

        return false;
    }
}
