using System.CommandLine;
using Enrichment.Cli.Files;
using Enrichment.Consolidation;

namespace Enrichment.Cli;

/// <summary>The typed table to make, as a JSON file.</summary>
internal static class ProjectionOption
{
    public static Option<string?> Create(string description, bool required = false) =>
        new("--projection")
        {
            Description =
                $"{description} A JSON file, the name of one in this folder (final_leads for final_leads.json), or - for standard input.",
            HelpName = "FILE|NAME",
            Required = required,
        };

    /// <exception cref="EnrichmentException">The file is not there, or is no projection.</exception>
    public static Projection? Read(ParseResult parsed, Option<string?> option) =>
        Find(parsed, option)?.Read(Projection.Load, Projection.Parse);

    /// <summary>The file as the command line names it, for outputs that must not overwrite it.</summary>
    public static string? PathOf(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } given ? File.Exists(given) || DefinitionFile.IsPath(given) ? given : $"{given}.json" : null;

    /// <summary>The projection that a command's argument names.</summary>
    /// <exception cref="EnrichmentException">The file is not there, or is no projection.</exception>
    public static Projection Read(string given, string argument) => Find(given, argument).Read(Projection.Load, Projection.Parse);

    private static DefinitionFile? Find(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } given ? Find(given, option.Name) : null;

    private static DefinitionFile Find(string given, string named) =>
        DefinitionFile.Find(given, named)
            ?? throw new EnrichmentException(
                $"There is no projection '{given}': neither a file of this name, nor {given}.json.{Nearest.Hint(given, DefinitionFile.Names("columns"))} The path is relative to {Environment.CurrentDirectory}.");
}
