using System.CommandLine;
using System.Globalization;

namespace Enrichment.Cli;

/// <summary>The day from which a projection looks.</summary>
internal static class AsOfOption
{
    public static Option<string?> Create() => new("--as-of")
    {
        Description = "The day that as_of means in the projection's expressions. Without it: today in UTC.",
        HelpName = "YYYY-MM-DD",
    };

    /// <summary>Null: today.</summary>
    /// <exception cref="EnrichmentException">It is no day.</exception>
    public static DateOnly? Read(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is not { } given ? null
        : DateOnly.TryParseExact(given, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new EnrichmentException($"{option.Name} '{Excerpt.Of(given)}' is no day. Write it as 2026-02-28.");
}
