using System.Collections.Frozen;

namespace Enrichment.Normalization;

/// <summary>The legal forms with which registered names end: Inc., GmbH &amp; Co. KG, Pty Ltd, S.A. de C.V.</summary>
internal static class LegalForm
{
    /// <summary>"S. de R. L. de C. V." is the longest in use, its letters apart.</summary>
    private const int MaxWords = 6;

    private static readonly Lazy<FrozenSet<string>> Forms = new(() =>
        EmbeddedText.Lines("legal_forms.txt").Select(line => line.Trim()).ToFrozenSet(StringComparer.Ordinal));

    // Written together with the name, before or after it.
    private static readonly string[] EastAsian =
        ["株式会社", "有限会社", "合同会社", "(株)", "(有)", "㈱", "㈲", "股份有限公司", "有限责任公司", "有限公司", "주식회사", "(주)", "㈜"];

    // Before the name.
    private static readonly FrozenSet<string> Leading = FrozenSet.Create(
        StringComparer.Ordinal,
        "ооо",
        "оао",
        "зао",
        "пао",
        "тов",
        "pt",
        "uab",
        "sia");

    // Words of other languages but for their capitals or dots: cooperatives, clubs and merchants in Germany, national banks in the United
    // States.
    private static readonly FrozenSet<string> Spelled = FrozenSet.Create(
        StringComparer.Ordinal,
        "eG",
        "e.G.",
        "eV",
        "e.V.",
        "eK",
        "e.K.",
        "e.Kfm.",
        "N.A.");

    // Folded. No name consists of one alone.
    private static readonly FrozenSet<string> Articles = FrozenSet.Create(
        StringComparer.Ordinal,
        "the",
        "a",
        "an",
        "der",
        "die",
        "das",
        "la",
        "le",
        "les",
        "el",
        "los",
        "las",
        "il",
        "lo",
        "de",
        "het");

    /// <summary>
    /// The name without the legal forms at its ends. Something always stays: "SAS" alone is a name, and so is "The Limited".
    /// </summary>
    public static string Strip(string name)
    {
        var words = WithoutEastAsian(WithoutInverted(name)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var end = words.Length;
        for (int taken; end > 1 && (taken = TrailingWords(words.AsSpan(1, end - 1))) > 0;)
        {
            end -= taken;
        }

        end = end == 1 && Articles.Contains(FoldedText.Of(words[0])) ? words.Length : end;

        var start = end > 1 && Leading.Contains(FoldedText.Of(words[0])) && IsShout(words[0]) ? 1 : 0;
        return TrimJoints(string.Join(' ', words[start..end]));
    }

    // "LLC, Acme", as registers sort it.
    private static string WithoutInverted(string name)
    {
        var comma = name.IndexOf(", ", StringComparison.Ordinal);
        return
            comma > 0
            && !name[..comma].Contains(' ')
            && Forms.Value.Contains(FoldedText.Of(name[..comma]))
            && name.LastIndexOf(',') == comma
            ? name[(comma + 2)..].Trim()
            : name;
    }

    // A leading form is an abbreviation in capitals; "Pt" may be a name.
    private static bool IsShout(string word) => word.All(c => !char.IsLower(c));

    /// <summary>How many words at the end make up one legal form, or join the name to one; 0 if none.</summary>
    private static int TrailingWords(ReadOnlySpan<string> words)
    {
        var joined = "";
        var longest = 0;
        for (var count = 1; count <= Math.Min(MaxWords, words.Length); count++)
        {
            joined = FoldedText.Of(words[^count]) + joined;
            if (joined.Length == 0 || Forms.Value.Contains(joined) || (count == 1 && Spelled.Contains(words[^1])))
            {
                longest = count;
            }
        }

        return longest;
    }

    private static string WithoutEastAsian(string name)
    {
        foreach (var form in EastAsian)
        {
            if (name.Length > form.Length && name.StartsWith(form, StringComparison.Ordinal))
            {
                name = name[form.Length..].Trim();
            }

            if (name.Length > form.Length && name.EndsWith(form, StringComparison.Ordinal))
            {
                name = name[..^form.Length].Trim();
            }
        }

        return name;
    }

    // What joined the name to its form: "Acme, Inc." and "Müller & Co. KG".
    private static string TrimJoints(string name) =>
        name.TrimEnd(' ', ',', '&', '+', '-', '–', ';', ':', '/', '|').TrimStart(' ', ',', ';', '|');
}
