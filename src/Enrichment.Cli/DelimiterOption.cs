using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>A character between cells.</summary>
internal static class DelimiterOption
{
    public static Option<string?> Create(string name, string description) =>
        new(name) { Description = description, HelpName = "CHARACTER" };

    /// <exception cref="EnrichmentException">It is not one character.</exception>
    public static char? Read(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) switch
    {
        null => null,
        "tab" or "\\t" => '\t',
        [var one] => one,
        var other => throw new EnrichmentException($"{option.Name} takes one character or 'tab', not '{other}'."),
    };
}
