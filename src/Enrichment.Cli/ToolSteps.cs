using System.CommandLine;
using Enrichment.Providers.Normalization;

namespace Enrichment.Cli;

/// <summary>The steps that this tool can run.</summary>
internal static class ToolSteps
{
    public static readonly IReadOnlyList<StepDescriptor> BuiltIn = new NormalizationProvider().Steps;

    /// <summary>By their slugs.</summary>
    public static IEnumerable<StepDescriptor> All(VendorOptions vendors, ParseResult parsed) =>
        BuiltIn.Concat(vendors.Steps(parsed)).OrderBy(step => step.Manifest.Slug, StringComparer.Ordinal);

    public static bool IsBuiltIn(string slug) => BuiltIn.Any(step => step.Manifest.Slug == slug);

    /// <summary>Where one comes from, for people.</summary>
    public static string From(StepDescriptor step) => BuiltIn.Contains(step) ? "built in" : step.Source;
}
