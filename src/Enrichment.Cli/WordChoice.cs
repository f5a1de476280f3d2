using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>Words that an option takes.</summary>
internal static class WordChoice
{
    /// <summary>Refuses every other word, in the option's name and with the nearest.</summary>
    public static T AcceptOnlyWords<T>(this T option, params IReadOnlyList<string> words)
        where T : Option
    {
        option.CompletionSources.Add(_ => words.Select(word => new System.CommandLine.Completions.CompletionItem(word)));
        option.Validators.Add(result =>
        {
            foreach (var given in result.Tokens.Select(token => token.Value).Where(given => !words.Contains(given, StringComparer.Ordinal)))
            {
                result.AddError(
                    $"{option.Name}: there is no '{Excerpt.Of(given)}'.{Nearest.Hint(given, words)} Expected {string.Join(", ", words)}.");
            }
        });
        return option;
    }
}
