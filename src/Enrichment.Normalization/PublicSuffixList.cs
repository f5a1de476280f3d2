using System.Globalization;

namespace Enrichment.Normalization;

/// <summary>
/// The Public Suffix List (publicsuffix.org): under which names people may register their own. Embedded; read once, at first use.
/// </summary>
/// <remarks>
/// Both sections are used: names under <c>github.io</c> or <c>myshopify.com</c> belong to different owners, like names under <c>co.uk</c>.
/// </remarks>
internal sealed class PublicSuffixList
{
    // A rule of the private section is three bits higher, so that one name may have rules in both.
    private const int PrivateShift = 3;

    private static readonly Lazy<PublicSuffixList> Lazy = new(() =>
        new PublicSuffixList(EmbeddedText.Lines("public_suffix_list.dat", comment: "\0")));

    private readonly Dictionary<string, Rule> rules = new(10_000, StringComparer.Ordinal);
    private readonly Dictionary<string, Rule>.AlternateLookup<ReadOnlySpan<char>> lookup;

    /// <summary>Reads a list in the format of publicsuffix.org: one rule a line, its section in the comments.</summary>
    public PublicSuffixList(IEnumerable<string> lines)
    {
        var registries = true;
        foreach (var line in lines)
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                registries &= !line.Contains("===BEGIN PRIVATE", StringComparison.Ordinal);
                continue;
            }

            Add(line.AsSpan().Trim(), registries);
        }

        lookup = rules.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    [Flags]
    private enum Rule : byte
    {
        None = 0,
        Suffix = 1,
        Wildcard = 2,
        Exception = 4,
        OfRegistries = Suffix | Wildcard | Exception,
    }

    /// <summary>The embedded list.</summary>
    public static PublicSuffixList Default => Lazy.Value;

    /// <summary>How many names have a rule.</summary>
    public int Count => rules.Count;

    /// <summary>
    /// The length of the host's public suffix, by the algorithm of publicsuffix.org: an exception wins, then the longest rule, then the
    /// last label.
    /// </summary>
    /// <param name="host">Canonical: lower-case ASCII labels, at least two.</param>
    /// <param name="registries">True leaves out the private section: only registries' rules.</param>
    /// <param name="listed">Whether a rule named the suffix; false if the last label was taken for want of one.</param>
    public int SuffixLength(ReadOnlySpan<char> host, bool registries, out bool listed)
    {
        listed = true;
        var previous = -1;
        for (var start = 0; ;)
        {
            var name = host[start..];
            var dot = name.IndexOf('.');
            if (lookup.TryGetValue(name, out var both))
            {
                var rule = (registries ? both : both | (Rule)((int)both >> PrivateShift)) & Rule.OfRegistries;
                if (rule.HasFlag(Rule.Exception))
                {
                    return name.Length - dot - 1;
                }

                if (rule.HasFlag(Rule.Wildcard) && previous >= 0)
                {
                    return host.Length - previous;
                }

                if (rule.HasFlag(Rule.Suffix))
                {
                    return name.Length;
                }
            }

            if (dot < 0)
            {
                listed = false;
                return name.Length;
            }

            previous = start;
            start += dot + 1;
        }
    }

    private void Add(ReadOnlySpan<char> text, bool ofRegistries)
    {
        var kind = Rule.Suffix;
        if (text.StartsWith("!"))
        {
            kind = Rule.Exception;
            text = text[1..];
        }
        else if (text.StartsWith("*."))
        {
            kind = Rule.Wildcard;
            text = text[2..];
        }

        var name = text.ToString();
        var key = System.Text.Ascii.IsValid(name) ? name : new IdnMapping().GetAscii(name);
        rules[key] = rules.GetValueOrDefault(key) | (ofRegistries ? kind : (Rule)((int)kind << PrivateShift));
    }
}
