using System.Diagnostics.CodeAnalysis;

namespace Enrichment.Normalization;

/// <summary>A person's name without titles, credentials, nicknames and decoration, in the usual capitals.</summary>
/// <remarks>
/// Names have no grammar; these are the rules that lead lists need. Of a full name the first word is the given name, and the last word,
/// with the particles before it (van der, de la), the family name; words between are in <see cref="Full"/> only. In Chinese, Japanese and
/// Korean script the family name comes first, and a name written in one piece is not taken apart. Capitals change only in words whose
/// letters are all large or all small.
/// </remarks>
public sealed record PersonName
{
    private PersonName(string? first, string? last, string full)
    {
        First = first;
        Last = last;
        Full = full;
    }

    /// <summary>The given name; null if it is not known.</summary>
    public string? First { get; }

    /// <summary>The family name with its particles; null if it is not known.</summary>
    public string? Last { get; }

    /// <summary>The whole name in the order in which it is spoken.</summary>
    public string Full { get; }

    /// <summary>Reads a full name: <c>Dr. JANE O'TOOLE, PhD 🚀</c>, <c>O'Toole, Jane</c>, <c>Jane O'Toole | We are hiring</c>.</summary>
    /// <remarks>
    /// False for blank text, text without letters, e-mail addresses and texts too long for a name. Never throws; a parsed
    /// <see cref="Full"/> parses to itself.
    /// </remarks>
    public static bool TryParse(string? full, [NotNullWhen(true)] out PersonName? name)
    {
        var words = NameWords.Of(full, out var titled);
        name = words is null ? null : Whole(words, titled);
        return name is not null;
    }

    /// <summary>
    /// Reads a name whose parts are in separate fields, any of which may be blank. A separate field is used before the full name.
    /// </summary>
    /// <remarks>False if none is usable. Never throws; the parts of a parsed name parse to themselves.</remarks>
    public static bool TryParse(string? first, string? last, string? full, [NotNullWhen(true)] out PersonName? name)
    {
        var (firstWords, lastWords, fullWords) = (
            NameWords.Of(first, out _),
            NameWords.Of(last, out _),
            NameWords.Of(full, out var titled));
        var given = firstWords is [var sole] && NameAffix.IsTitle(sole) ? null : Part(firstWords, isFirst: true);
        var family = lastWords is [var only] && NameAffix.IsSuffix(only, shouted: true) ? null : Part(lastWords, isFirst: false);
        name = fullWords is null ? null : Whole(fullWords, titled);
        if (given is null && family is null)
        {
            return name is not null;
        }

        if (name is not null)
        {
            given ??= Same(name.Last, family) && !Same(name.First, family) ? name.First : null;
            family ??= Same(name.First, given) && !Same(name.Last, given) ? name.Last : null;
        }

        var joined = Join(given, family);
        var saysMore = name is not null && !Same(name.Full, joined) && Contains(name.Full, given) && Contains(name.Full, family);
        name = new(given, family, saysMore ? name!.Full : joined);
        return true;
    }

    /// <summary>The full name.</summary>
    public override string ToString() => Full;

    private static PersonName? Whole(string[] words, bool titled)
    {
        // A sole word after a title is a family name, unless a field for family names would not take it ("Dr. MBA"). It has the capitals of
        // one, or it would change in that field: "Dr. YT" is "Yt".
        var isFamily = titled && words is [var sole] && !NameAffix.IsSuffix(sole, shouted: true);
        NameCasing.Apply(words, first: !isFamily);
        var spoken = string.Join(' ', words);
        var (first, last) = Split(words, isFamily);
        return BlankText.IsBlank(spoken) ? null : new(first, last, spoken);
    }

    private static string? Part(string[]? words, bool isFirst)
    {
        if (words is null)
        {
            return null;
        }

        NameCasing.Apply(words, isFirst);
        return BlankText.ToNull(string.Join(' ', words));
    }

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static (string? First, string? Last) Split(string[] words, bool isFamily)
    {
        if (words.Length == 1)
        {
            return EastAsianScript.IsIn(words[0]) ? (null, null) : isFamily ? (null, words[0]) : (words[0], null);
        }

        if (words.All(EastAsianScript.IsIn))
        {
            return (string.Join(' ', words[1..]), words[0]);
        }

        // A saint's name has two words: "St. John Smith", "Jane St. John".
        var first = words.Length > 2 && NameCasing.IsSaint(words[0]) ? 2 : 1;
        var last = words.Length - 1;
        while (last > first && (NameCasing.IsParticle(words[last - 1]) || NameCasing.IsSaint(words[last - 1])))
        {
            last--;
        }

        return (string.Join(' ', words[..first]), string.Join(' ', words[last..]));
    }

    private static bool Contains(string full, string? part) =>
        part is null || $" {full} ".Contains($" {part} ", StringComparison.OrdinalIgnoreCase);

    private static string Join(string? first, string? last) => (first, last) switch
    {
        (null, _) => last!,
        (_, null) => first,
        _ => EastAsianScript.IsIn(last) && EastAsianScript.IsIn(first) ? $"{last} {first}" : $"{first} {last}",
    };
}
