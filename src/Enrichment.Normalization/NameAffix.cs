using System.Collections.Frozen;
using System.Text;

namespace Enrichment.Normalization;

/// <summary>Words around a person's name that are not part of it: titles before, generations and credentials after.</summary>
internal static class NameAffix
{
    private static readonly FrozenSet<string> Titles = Set(
        "dr mr mrs ms miss mx prof professor doctor doktor drs herr frau mme mlle monsieur madame dipling dipl-ing dring profdr");

    // Also people's names or parts of words; a title only with its dot.
    private static readonly FrozenSet<string> DottedTitles = Set(
        "sir dame rev hon capt col gen lt maj sgt cpt ing eng er fr sr sra srta dott dottssa avv mag adv m dipl med habil phil rer lic licda lcdo lcda arq abg mtro mtra dra psic");

    private static readonly FrozenSet<string> Generations = Set("jr sr ii iii iv junior senior 2nd 3rd 4th");

    private static readonly FrozenSet<string> Credentials = Set(
        "phd dphil mba emba mphil msc bsc beng meng barch march bcom mcom llm llb jd esq esquire cpa pmp pmi-acp cfa cfp caia frm fca aca acca acma cma cia cisa cism cissp ccna ccnp " +
        "csm cspo csp safe shrm-cp shrm-scp sphr phr gphr cipd mcipd fcipd assoccipd pe rn bsn msn dnp aprn np-c fnp crna lcsw lmft lpc md dds dmd dvm pharmd psyd edd facs faap facep " +
        "mph mpa mpp mfa mha mhsa mshr msw msw bba bfa obe cbe mbe kbe mcsd mcse itil togaf sixsigma lssbb lssgb cscp cpim ccp cae ceng mice miet fiet ret phdc mbbs frcs mrcp");

    // Also surnames and given names: credentials only with dots, in capitals within a name that is not in capitals itself, or behind a
    // comma.
    private static readonly FrozenSet<string> ShortCredentials = Set("ma ba bs ms be me do ed pt ot pa ra aia cm cs ea ca cb pe rd rt");

    // Also initials: a generation only behind a comma.
    private static readonly FrozenSet<string> ShortGenerations = Set("v vi");

    // Join two titles or two people.
    private static readonly FrozenSet<string> Conjunctions = Set("and und et y e o or oder");

    /// <summary>Whether a word joins two titles or two people, as in "Mr. and Mrs.".</summary>
    public static bool IsConjunction(string word) => word == "&" || Conjunctions.Contains(Key(word));

    /// <summary>Whether a word before a name is a title.</summary>
    public static bool IsTitle(string word)
    {
        var key = Key(word);
        return Titles.Contains(key) || (word.Contains('.') && DottedTitles.Contains(key));
    }

    /// <summary>Whether a word behind a name is a generation or a credential.</summary>
    /// <param name="word">The word.</param>
    /// <param name="shouted">Whether the whole name is in capitals, so that those of the word say nothing.</param>
    public static bool IsSuffix(string word, bool shouted)
    {
        var key = Key(word);
        return Generations.Contains(key) || Credentials.Contains(key)
            || (ShortCredentials.Contains(key) && (word.Contains('.') || (!shouted && NameCasing.IsUpper(word))));
    }

    /// <summary>
    /// Whether the text behind a comma is made of generations and credentials, known or by their form: capitals and dots.
    /// </summary>
    public static bool IsSuffixList(string segment, bool shouted) =>
        segment
            .Split(' ')
            .All(word =>
                IsSuffix(word, shouted)
                || ShortGenerations.Contains(Key(word))
                || ShortCredentials.Contains(Key(word))
                || (!shouted && word.Length is > 1 and <= 8 && NameCasing.IsUpper(word)));

    private static string Key(string word)
    {
        var key = new StringBuilder(word.Length);
        foreach (var c in word)
        {
            if (c is not ('.' or ',' or '®' or '™'))
            {
                key.Append(char.ToLowerInvariant(c));
            }
        }

        return key.ToString();
    }

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
