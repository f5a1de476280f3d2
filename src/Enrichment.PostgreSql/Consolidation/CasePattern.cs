using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>
/// A regular expression that finds a text in any case. It names code points alone, so that no character of the text means anything else.
/// </summary>
/// <remarks>
/// PostgreSQL's own functions of case depend on the server's locale. The pattern lists for each letter those that .NET takes for the same
/// in another case, so that both stores find the same.
/// </remarks>
internal static class CasePattern
{
    // No script beyond has letters of two cases.
    private const int LastCased = 0x1FFFF;

    private static readonly FrozenDictionary<string, string> Letters = Enumerable
        .Range(0, LastCased + 1)
        .Where(Rune.IsValid)
        .Select(point => new Rune(point))
        .GroupBy(Capital, StringComparer.OrdinalIgnoreCase)
        .Where(same => same.Skip(1).Any())
        .ToFrozenDictionary(same => same.Key, same => $"[{string.Concat(same.Select(Escaped))}]", StringComparer.OrdinalIgnoreCase);

    public static string Of(string text)
    {
        var pattern = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            pattern.Append(Letters.GetValueOrDefault(Capital(rune)) ?? Escaped(rune));
        }

        return pattern.ToString();
    }

    // Comparers of .NET know the cases of letters of two surrogates only where they search, so that these get their capital here.
    private static string Capital(Rune rune) => (rune.IsBmp ? rune : Rune.ToUpperInvariant(rune)).ToString();

    private static string Escaped(Rune rune) => string.Create(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
}
