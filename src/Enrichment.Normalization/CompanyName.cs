using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Enrichment.Normalization;

/// <summary>A company's name: as people say it, and as a key under which its spellings meet.</summary>
/// <remarks>Capitals stay as they are written: nothing tells an acronym (IBM) from a shout (ACME). The key ignores them.</remarks>
public sealed record CompanyName
{
    /// <summary>Longer text is a description. LinkedIn allows 100 characters.</summary>
    private const int MaxLength = 300;

    // Folded. What people without a company write into the field.
    private static readonly FrozenSet<string> NoCompany = FrozenSet.Create(
        StringComparer.Ordinal,
        "selfemployed",
        "selfemployment",
        "freelance",
        "freelancer",
        "freelancing",
        "independentconsultant",
        "unemployed",
        "retired",
        "student",
        "none",
        "nocompany",
        "confidential",
        "stealth",
        "stealthstartup",
        "stealthmode",
        "stealthmodestartup",
        "stealthaistartup",
        "opentowork",
        "jobseeker",
        "careerbreak",
        "selbststandig",
        "freiberufler");

    private static readonly string[] Asides =
    [
        "formerly",
        "fka",
        "f/k/a",
        "f.k.a",
        "aka",
        "a/k/a",
        "a.k.a",
        "dba",
        "d/b/a",
        "acquired",
        "now ",
        "part of ",
        "ex-",
        "previously",
    ];

    // Folded. What a company is said to be in an apposition.
    private static readonly FrozenSet<string> Kinds = FrozenSet.Create(
        StringComparer.Ordinal,
        "corporation",
        "company",
        "subsidiary",
        "division",
        "partnership",
        "llc",
        "trust",
        "business",
        "brand",
        "bank",
        "cooperative",
        "nonprofit");

    private CompanyName(string display, string key)
    {
        Display = display;
        Key = key;
    }

    /// <summary>Without legal forms, trade marks and asides: <c>Acme</c> for <c>Acme™, Inc. (formerly Foo)</c>.</summary>
    public string Display { get; }

    /// <summary>
    /// Lower-case letters and digits only, without diacritics, a leading "The" and a closing "Company"; the same for <c>The Ácme-Co</c> and
    /// <c>ACME CO</c>. Not for people.
    /// </summary>
    public string Key { get; }

    /// <summary>Reads a company's name.</summary>
    /// <remarks>
    /// False for blank text, for text without a letter or digit, and for what names no company (<c>Self-employed</c>, <c>Stealth
    /// startup</c>). Never throws; a parsed <see cref="Display"/> parses to itself.
    /// </remarks>
    public static bool TryParse(string? text, [NotNullWhen(true)] out CompanyName? name)
    {
        name = null;
        if (BlankText.IsBlank(text) || text.Length > MaxLength)
        {
            return false;
        }

        var display = Settle(text);
        var key = KeyOf(display);
        if (key.Length == 0 || NoCompany.Contains(key) || BlankText.IsBlank(display))
        {
            return false;
        }

        name = new(display, key);
        return true;
    }

    /// <summary>The name for people.</summary>
    public override string ToString() => Display;

    // One cut may lay open another ("Acme Inc. (acquired)"); each cut shortens the name, so this ends.
    private static string Settle(string name)
    {
        for (var before = ""; before != name;)
        {
            before = name;
            name = LegalForm.Strip(WithoutAside(WithoutApposition(WithoutQuotes(WithoutTagline(CleanText.Of(name, keepSymbols: false))))));
        }

        return name;
    }

    private static string WithoutTagline(string name)
    {
        var bar = name.IndexOf(" | ", StringComparison.Ordinal);
        return bar > 0 ? name[..bar] : name;
    }

    // "Acme, Inc., a Delaware corporation", as contracts say it.
    private static string WithoutApposition(string name)
    {
        var comma = name.LastIndexOf(", a", StringComparison.OrdinalIgnoreCase);
        if (comma <= 0)
        {
            return name;
        }

        var words = name[(comma + 2)..].Split(' ');
        return words.Length > 2 && words[0].ToUpperInvariant() is "A" or "AN" && Kinds.Contains(FoldedText.Of(words[^1]))
            ? name[..comma]
            : name;
    }

    private static string WithoutQuotes(string name) =>
        name.Length > 2 && name[0] is '"' or '“' or '«' or '„' && name[^1] is '"' or '”' or '»' or '“' ? name[1..^1].Trim() : name;

    private static string WithoutAside(string name)
    {
        var open = name.LastIndexOf('(');
        if (open <= 0 || !name.EndsWith(')'))
        {
            return name;
        }

        var aside = name.AsSpan(open + 1).TrimStart();
        foreach (var beginning in Asides)
        {
            if (aside.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            {
                return name[..open].Trim();
            }
        }

        return name;
    }

    private static string KeyOf(string display)
    {
        var words = display.Split(' ');
        var start = words.Length > 1 && words[0].Equals("the", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        var end =
            words.Length - start > 1 && words[^1].Equals("company", StringComparison.OrdinalIgnoreCase) ? words.Length - 1 : words.Length;
        return FoldedText.Of(string.Join(' ', words[start..end]));
    }
}
