using System.CommandLine;
using Enrichment.Consolidation;

namespace Enrichment.Cli;

/// <summary>One column of a projection.</summary>
internal static class ColumnOption
{
    public static Option<string?> Create(string description) => new("--column") { Description = description, HelpName = "NAME" };

    /// <exception cref="EnrichmentException">The projection has no such column.</exception>
    public static string? Read(ParseResult parsed, Option<string?> option, Projection table)
    {
        var only = parsed.GetValue(option);
        return only is null || table.Declared.Any(known => known.Name == only)
            ? only
            : throw new EnrichmentException(
                $"The projection '{table.Name}' has no column '{only}'.{Nearest.Hint(only, table.Declared.Select(known => known.Name))}");
    }
}
