using System.CommandLine;
using Enrichment.Consolidation;

namespace Enrichment.Cli;

/// <summary>The typed table to make, as a JSON file.</summary>
internal static class ProjectionOption
{
    public static Option<string?> Create(string description, bool required = false) => new("--projection") { Description = description, HelpName = "FILE", Required = required };

    /// <exception cref="EnrichmentException">The file is not there, or is no projection.</exception>
    public static Projection? Read(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { } path ? Projection.Load(path) : null;
}
