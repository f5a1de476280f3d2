using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Providers;
using Enrichment.Providers.Http;
using Enrichment.Providers.Lookup;

namespace Enrichment.Cli;

/// <summary>The vendors of a folder: a document that is not sound keeps no command from the others.</summary>
internal sealed class VendorFolder
{
    private readonly List<StepDescriptor> steps = [];
    private readonly List<Fault> faults = [];

    /// <param name="files">The documents; none for no folder.</param>
    public VendorFolder(IEnumerable<string> files)
    {
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            Add(file);
        }
    }

    /// <summary>The steps of the sound documents.</summary>
    public IReadOnlyList<StepDescriptor> Steps => steps;

    /// <summary>What is wrong with the others, each with file and place.</summary>
    public IEnumerable<string> Problems => faults.Select(fault => fault.Problem);

    /// <summary>Refuses what needs a document that is not sound.</summary>
    /// <param name="wanted">The steps that are needed.</param>
    /// <exception cref="EnrichmentException">
    /// One of them is described by such a document, or by none, and there is one of which cannot be told what it describes.
    /// </exception>
    public void Require(IReadOnlyCollection<string> wanted)
    {
        var unknown = wanted.Where(slug => !ToolSteps.IsBuiltIn(slug) && steps.TrueForAll(step => step.Manifest.Slug != slug)).ToList();
        Refuse(faults.Where(fault => fault.Step is { } step ? wanted.Contains(step) : unknown.Count > 0));
    }

    /// <exception cref="EnrichmentException">A document is not sound.</exception>
    public void RequireAll() => Refuse(faults);

    private static void Refuse(IEnumerable<Fault> needed)
    {
        var problems = string.Join(" ", needed.Select(fault => fault.Problem));
        if (problems.Length > 0)
        {
            throw new EnrichmentException($"Vendors cannot be used. {problems}");
        }
    }

    private void Add(string file)
    {
        try
        {
            var step = HttpVendors.Load(file, Lookups.Kinds)[0];
            _ = new StepCatalogue([.. ToolSteps.BuiltIn, .. steps, step]);
            steps.Add(step);
        }
        catch (Exception exception) when (exception is FormatException or EnrichmentException or IOException or UnauthorizedAccessException)
        {
            // What contradicts another document leaves neither: nothing says which is meant.
            var slug = SlugOf(file);
            steps.RemoveAll(other => exception is EnrichmentException && other.Manifest.Slug == slug);
            faults.Add(
                new(
                    slug,
                    exception is IOException or UnauthorizedAccessException
                        ? $"{file}: {exception.Message}"
                        : WithoutHeading(exception.Message)));
        }
    }

    private static string? SlugOf(string file)
    {
        try
        {
            return
                JsonNode.Parse(
                    File.ReadAllText(file),
                    documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip })
                    is JsonObject document
                && document["step"] is JsonValue step
                && step.TryGetValue<string>(out var slug)
                ? slug
                : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string WithoutHeading(string message) => string.Join(' ', message.ReplaceLineEndings("\n").Split('\n').Skip(1));

    private sealed record Fault(string? Step, string Problem);
}
