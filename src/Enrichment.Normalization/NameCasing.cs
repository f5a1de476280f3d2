using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Enrichment.Normalization;

/// <summary>
/// Capitals of people's names: repaired where a form took them away (<c>JANE O'TOOLE</c>, <c>jane doe</c>), respected elsewhere.
/// </summary>
internal static class NameCasing
{
    private static readonly FrozenSet<string> Particles = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "van",
        "von",
        "vom",
        "der",
        "den",
        "de",
        "des",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "do",
        "du",
        "la",
        "le",
        "los",
        "las",
        "ten",
        "ter",
        "te",
        "zu",
        "zum",
        "zur",
        "und",
        "y",
        "e",
        "bin",
        "ibn",
        "binti",
        "bint",
        "af",
        "av",
        "el",
        "al",
        "'t");

    // Names that begin with "Mac" and a capital; "Mackenzie", "Macy" and "Machado" show why there is no rule.
    private static readonly FrozenSet<string> Macs = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "macdonald",
        "macleod",
        "macarthur",
        "macintyre",
        "macgregor",
        "macmillan",
        "macneil",
        "macneill",
        "macpherson",
        "macdougall",
        "macfarlane",
        "maclean",
        "macallister",
        "macduff",
        "macphee");

    private static readonly SearchValues<char> Vowels = SearchValues.Create("AEIOUY");

    /// <summary>Whether a word joins given and family name and is written small: van, de la, bin.</summary>
    public static bool IsParticle(string word) => Particles.Contains(word);

    /// <summary>Whether a word begins a saint's name: "St." with its full stop.</summary>
    public static bool IsSaint(string word) =>
        word.Equals("St.", StringComparison.OrdinalIgnoreCase) || word.Equals("Ste.", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the text has capitals and no small letters.</summary>
    public static bool IsUpper(string text) =>
        text.Any(char.IsUpper) && !text.Any(c => char.IsLower(c) || char.GetUnicodeCategory(c) == UnicodeCategory.TitlecaseLetter);

    /// <summary>
    /// Repairs the capitals of a name's words, in place. Words of large and small letters stay as they are, and so do initials (JT).
    /// </summary>
    /// <param name="words">The words, in order. Each is judged by itself and its place, so that repaired names stay as they are.</param>
    /// <param name="first">
    /// Whether the name begins here; false for a family name, which has no initials and may begin with a particle.
    /// </param>
    public static void Apply(string[] words, bool first)
    {
        for (var i = 0; i < words.Length; i++)
        {
            var begins = first && i == 0;
            var isUpper = IsUpper(words[i]);
            if ((isUpper && !(begins && IsInitials(words[i]))) || !words[i].Any(char.IsUpper))
            {
                // Composed again: a small letter may join a mark that its capital does not, such as ώ the iota below.
                var isSmall = !begins && i < words.Length - 1 && IsParticle(words[i]);
                words[i] = (isSmall ? words[i].ToLowerInvariant() : Word(words[i])).Normalize(NormalizationForm.FormC);
            }
        }
    }

    // JT and AJ, but neither JO nor AL.
    private static bool IsInitials(string word) => Ascii.IsValid(word) && (word.Length, word.AsSpan().IndexOfAny(Vowels)) switch
    {
        (<= 3, < 0) => true,
        (2, 0) => word is not ("AL" or "AN" or "ED"),
        _ => false,
    };

    private static string Word(string word)
    {
        var letters = word.ToLowerInvariant().ToCharArray();
        var start = 0;
        for (var i = 0; i <= letters.Length; i++)
        {
            if (i == letters.Length || letters[i] is '-' or '.' || (letters[i] == '\'' && i - start <= 1))
            {
                Capitalize(letters.AsSpan(start, i - start));
                start = i + 1;
            }
        }

        // A few capitals have no way back, such as ẞ.
        return letters.Any(char.IsUpper) ? new(letters) : word;
    }

    private static void Capitalize(Span<char> part)
    {
        while (!part.IsEmpty && !char.IsLetter(part[0]))
        {
            part = part[1..];
        }

        if (part.IsEmpty)
        {
            return;
        }

        part[0] = char.ToUpperInvariant(part[0]);
        var capital =
            part.Length > 3 && part.StartsWith("Mc") ? 2
            : part.Length > 3 && Macs.GetAlternateLookup<ReadOnlySpan<char>>().Contains(part) ? 3
            : 0;
        part[capital] = char.ToUpperInvariant(part[capital]);
    }
}
