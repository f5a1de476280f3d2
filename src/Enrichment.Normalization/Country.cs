using System.Diagnostics.CodeAnalysis;

namespace Enrichment.Normalization;

/// <summary>A country of ISO 3166-1, and Kosovo, which has the user-assigned <c>XK</c>.</summary>
/// <remarks>The names are embedded, so every machine reads them alike, independent of its culture data.</remarks>
public sealed record Country
{
    /// <summary>Longer text is no country's name; the longest in the table has fewer than 80 characters.</summary>
    private const int MaxLength = 200;

    private static readonly Lazy<Dictionary<string, Country>> ByName = new(Load);

    private Country(string alpha2, string alpha3, string name)
    {
        Alpha2 = alpha2;
        Alpha3 = alpha3;
        Name = name;
    }

    /// <summary>Two capital letters: <c>DE</c>. The canonical form.</summary>
    public string Alpha2 { get; }

    /// <summary>Three capital letters: <c>DEU</c>.</summary>
    public string Alpha3 { get; }

    /// <summary>The usual short name in English: <c>Germany</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// Reads alpha-2 and alpha-3 codes, names in English and two dozen other languages, and common aliases (<c>UK</c>, <c>England</c>,
    /// <c>Holland</c>); failing that, the last part of a place: <c>London, England, United Kingdom</c>.
    /// </summary>
    /// <remarks>
    /// A last part of two letters is not read (<c>Austin, IL</c> is not in Israel). <c>NA</c> is Namibia, as the standard says; <c>N/A</c>
    /// and <c>na</c> are blank. Never throws; a parsed <see cref="Alpha2"/> parses to itself.
    /// </remarks>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Country? country)
    {
        country = null;
        if (text is null || text.Length > MaxLength || (BlankText.IsBlank(text) && text.Trim() != "NA"))
        {
            return false;
        }

        var clean = CleanText.Of(text, keepSymbols: true);
        if (ByName.Value.TryGetValue(Key(clean), out country))
        {
            return true;
        }

        var comma = clean.LastIndexOf(',');
        var last = comma < 0 ? "" : Key(clean[(comma + 1)..]);
        return last.Length > 2 && ByName.Value.TryGetValue(last, out country);
    }

    /// <summary>The alpha-2 code.</summary>
    public override string ToString() => Alpha2;

    private static string Key(string name)
    {
        var key = FoldedText.Of(name);
        return key.Length > 6 && key.StartsWith("the", StringComparison.Ordinal) ? key[3..] : key;
    }

    private static Dictionary<string, Country> Load()
    {
        var rows = EmbeddedText.Lines("countries.tsv").Select(line => line.Split('\t')).ToList();
        var countries = rows.ToDictionary(row => row[0], row => new Country(row[0], row[1], row[2]), StringComparer.Ordinal);
        var aliases = EmbeddedText.Lines("country_aliases.tsv").Select(line => line.Split('\t'));

        // The first entry wins: codes and English names, then our own list, then the names in other languages.
        IEnumerable<(string Name, string Alpha2)> names =
        [
            .. rows.SelectMany(row => row[..3].Select(name => (name, row[0]))),
            .. aliases
                .Concat(rows.Select(row => new[] { row[0], row[3] }))
                .SelectMany(row => row[1].Split('|').Select(name => (name, row[0]))),
        ];
        var byName = new Dictionary<string, Country>(StringComparer.Ordinal);
        foreach (var (name, alpha2) in names)
        {
            byName.TryAdd(Key(CleanText.Of(name, keepSymbols: true)), countries[alpha2]);
        }

        byName.Remove("");
        return byName;
    }
}
