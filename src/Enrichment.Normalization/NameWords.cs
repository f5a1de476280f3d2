using System.Buffers;
using System.Text;

namespace Enrichment.Normalization;

/// <summary>The words of a person's name, without what people add to it.</summary>
internal static class NameWords
{
    /// <summary>Longer text is no name. The longest names of vendors' limits have 100 characters; credentials come on top.</summary>
    private const int MaxLength = 250;

    private static readonly SearchValues<string> Taglines = SearchValues.Create(
        [" | ", " - ", " – ", " — ", " • ", " · ", " // ", " ~ "],
        StringComparison.Ordinal);

    /// <summary>The words; null if the text holds no name.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="titled">Whether a title came before them.</param>
    public static string[]? Of(string? text, out bool titled)
    {
        titled = false;
        if (BlankText.IsBlank(text) || text.Length > MaxLength || text.Contains('@'))
        {
            return null;
        }

        var name = text;
        for (var before = ""; before != name;)
        {
            // One cut may lay open another; each shortens the name or reverses it once, so this ends.
            before = name;
            name = Strip(InSpokenOrder(WithoutTagline(WithoutAsides(CleanText.Of(name, keepSymbols: false)))), ref titled);
        }

        return name.Length == 0 ? null : name.Split(' ');
    }

    private static string WithoutTagline(string name)
    {
        var end = name.AsSpan().IndexOfAny(Taglines);
        return end > 0 ? name[..end] : name;
    }

    /// <summary>
    /// Without nicknames, maiden names and pronouns: the text in brackets or double quotes, unless nothing else would stay.
    /// </summary>
    private static string WithoutAsides(string name)
    {
        var kept = new StringBuilder(name.Length);
        var all = new StringBuilder(name.Length);
        var depth = 0;
        var quoted = false;
        foreach (var c in name)
        {
            if (c is '(' or '[' or '{' or '<')
            {
                depth++;
            }
            else if (c is ')' or ']' or '}' or '>')
            {
                depth = Math.Max(0, depth - 1);
            }
            else if (c is '"' or '“' or '”' or '„' or '«' or '»')
            {
                quoted = !quoted;
            }
            else
            {
                all.Append(c);
                kept.Append(depth == 0 && !quoted ? c : ' ');
                continue;
            }

            all.Append(' ');
            kept.Append(' ');
        }

        var outside = depth == 0 && !quoted ? kept : all;
        return Single(outside.ToString()) is { Length: > 0 } something && HasLetter(something) ? something : Single(all.ToString());
    }

    /// <summary>"Doe, Jane, MBA" as "Jane Doe", "Jane Doe, MBA" as "Jane Doe".</summary>
    private static string InSpokenOrder(string name)
    {
        if (!name.Contains(','))
        {
            return name;
        }

        var segments = name.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToList();
        if (segments.Count == 0)
        {
            return "";
        }

        var shouted = NameCasing.IsUpper(segments[0]);
        for (var i = segments.Count - 1; i > 0; i--)
        {
            // "Doe, JT" is a name, "Jane Doe, XYZ" an unknown credential, "Jane Doe, acme.io" an employer.
            var isSuffix = segments[0].Contains(' ') || i > 1
                ? NameAffix.IsSuffixList(segments[i], shouted) || NamesNobody(segments[i])
                : segments[i].Split(' ').All(word => NameAffix.IsSuffix(word, shouted: true));
            if (isSuffix)
            {
                segments.RemoveAt(i);
            }
        }

        return segments.Count == 1 ? segments[0] : $"{segments[1]} {segments[0]}";
    }

    /// <summary>Whether a part holds what no name does: a digit, or a full stop between two longer words.</summary>
    private static bool NamesNobody(string segment) =>
        segment.Any(char.IsDigit)
        || segment
            .Split(' ')
            .Any(word => word.Split('.') is [{ Length: > 2 }, { Length: > 1 }, ..] or [.., { Length: > 2 }, { Length: > 1 }]);

    /// <summary>Of two people who share a line the first: "John and Jane Stone" is John Stone.</summary>
    private static string[] FirstOfCouple(string[] words)
    {
        var joint = Array.FindIndex(words, word => word == "&" || word.Equals("and", StringComparison.OrdinalIgnoreCase));
        return joint switch
        {
            < 1 => words,
            1 when words.Length > 3 => [words[0], .. words[3..]],
            _ when words.Length > joint + 1 => words[..joint],
            _ => words,
        };
    }

    private static string Strip(string name, ref bool titled)
    {
        var words = name.Split(' ').Select(word => word == "&" ? word : Bare(word)).Where(word => word == "&" || HasLetter(word)).ToArray();
        var shouted = NameCasing.IsUpper(string.Concat(words));
        var start = 0;
        while (words.Length - start > 1
            && (NameAffix.IsTitle(words[start])
                || (titled && NameAffix.IsConjunction(words[start]) && NameAffix.IsTitle(words[start + 1]))))
        {
            start++;
            titled = true;
        }

        words = [.. FirstOfCouple(words[start..]).Where(HasLetter)];
        (start, var end) = (0, words.Length);

        while (end - start > 1 && NameAffix.IsSuffix(words[end - 1], shouted))
        {
            end--;
        }

        return string.Join(' ', words[start..end]);
    }

    /// <summary>A word without the punctuation of the sentence around it; initials keep their dot, "'t Hooft" its apostrophe.</summary>
    private static string Bare(string word)
    {
        var bare = word.Trim('-', '_', '*', '/', '\\', '&', '+', '=', '#', '!', '?', ';', ':', '|').TrimEnd('\'');
        bare = bare.Length > 2 ? bare.TrimStart('\'') : bare;
        return bare.Length > 3 && bare.IndexOf('.') == bare.Length - 1 && !NameAffix.IsTitle(bare) ? bare[..^1] : bare;
    }

    private static bool HasLetter(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsLetter(rune))
            {
                return true;
            }
        }

        return false;
    }

    private static string Single(string text) => string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
