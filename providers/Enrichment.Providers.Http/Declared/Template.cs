using System.Text;
using System.Text.RegularExpressions;

namespace Enrichment.Providers.Http.Declared;

/// <summary>A text with placeholders: <c>{{name}}</c>, or <c>{{name?}}</c> where it may be absent.</summary>
internal sealed partial class Template
{
    private readonly string text;
    private readonly MatchCollection placeholders;

    public Template(string text)
    {
        this.text = text;
        placeholders = Placeholder().Matches(text);
    }

    public IEnumerable<string> Names => placeholders.Select(NameOf);

    /// <summary>
    /// A text that would be sent as it is although it was meant as a placeholder. The message does not quote it: it may be a secret's value
    /// by now.
    /// </summary>
    public IEnumerable<string> Problems(string setting)
    {
        if (Fixed.Any(piece => piece.Contains("{{", StringComparison.Ordinal)))
        {
            yield return $"{setting} holds \"{{{{\" that begins no placeholder and would be sent as it is. Write {{{{name}}}}, closed and without braces inside.";
        }

        if (Embedded().IsMatch(text))
        {
            yield return $"{setting} holds \"secret:\" inside a longer text, where it names no secret and would be sent as it is. A secret is a whole text of its own: Credential, a header, or a text of the body.";
        }
    }

    /// <summary>Whether it holds no placeholder.</summary>
    public bool IsFixed => placeholders.Count == 0;

    /// <summary>The text before, between and after the placeholders.</summary>
    public IEnumerable<string> Fixed
    {
        get
        {
            var position = 0;
            foreach (Match placeholder in placeholders)
            {
                yield return text[position..placeholder.Index];
                position = placeholder.Index + placeholder.Length;
            }

            yield return text[position..];
        }
    }

    /// <summary>The name, if the text is one placeholder and nothing else.</summary>
    public (string Name, bool Optional)? Single =>
        placeholders.Count == 1 && placeholders[0].Length == text.Length ? (NameOf(placeholders[0]), IsOptional(placeholders[0])) : null;

    /// <summary>The text with values in the place of the placeholders.</summary>
    public string Render(Placeholders values, Func<string, string>? encode = null)
    {
        var rendered = new StringBuilder();
        var position = 0;
        foreach (Match placeholder in placeholders)
        {
            var value = values.Text(NameOf(placeholder), IsOptional(placeholder)) ?? "";
            rendered.Append(text, position, placeholder.Index - position).Append(encode is null ? value : encode(value));
            position = placeholder.Index + placeholder.Length;
        }

        return rendered.Append(text, position, text.Length - position).ToString();
    }

    private static string NameOf(Match placeholder) => placeholder.Groups["name"].Value;

    private static bool IsOptional(Match placeholder) => placeholder.Groups["optional"].Success;

    // The engine puts in secrets that are a whole text, and no others.
    [GeneratedRegex(@"(?!^)\bsecret:[A-Za-z0-9_.-]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Embedded();

    [GeneratedRegex(@"\{\{\s*(?<name>[^{}]+?)\s*(?<optional>\?)?\s*\}\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
