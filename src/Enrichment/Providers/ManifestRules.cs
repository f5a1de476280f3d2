using System.Text.RegularExpressions;
using Enrichment.Pipelines;
using Enrichment.Storage;
using NuGet.Versioning;

namespace Enrichment.Providers;

/// <summary>What a manifest must keep to.</summary>
internal static partial class ManifestRules
{
    public static IEnumerable<string> Problems(StepManifest manifest)
    {
        if (Slug.StepProblem(manifest.Slug) is { } slug)
        {
            yield return slug;
        }

        if (!SemanticVersion.TryParse(manifest.Version, out _))
        {
            yield return $"'{Excerpt.Of(manifest.Version)}' is not a semantic version: expected such as 1.0.0.";
        }

        if (manifest.MaxTries is < 1 or > 100)
        {
            yield return $"MaxTries is {manifest.MaxTries}: expected 1 to 100.";
        }

        if (manifest.Timeout <= TimeSpan.Zero || manifest.Timeout > StageBuilder.LongestTimeout)
        {
            yield return $"the time-out is {manifest.Timeout}: expected more than zero and at most {StageBuilder.LongestTimeout}.";
        }

        foreach (var problem in FieldProblems(manifest))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> FieldProblems(StepManifest manifest)
    {
        foreach (var problem in manifest.Reads.Concat(manifest.Produces.Select(produced => produced.Field)).Select(Slug.FieldProblem).OfType<string>().Distinct())
        {
            yield return problem;
        }

        foreach (var twice in manifest.Reads.GroupBy(field => field).Where(group => group.Count() > 1))
        {
            yield return $"'{twice.Key}' stands twice in Reads. Remove one of them.";
        }

        foreach (var twice in manifest.Produces.GroupBy(produced => produced.Field).Where(group => group.Count() > 1))
        {
            yield return $"'{twice.Key}' stands twice in Produces. A field stands at one place of a result.";
        }

        foreach (var problem in manifest.Produces.Select(PathProblem).OfType<string>())
        {
            yield return problem;
        }
    }

    private static string? PathProblem(ProducedField produced)
    {
        try
        {
            JsonPointer.Of(produced);
            return produced.Path is "" ? $"The path of '{produced.Field}' is empty. Name a place in the result, such as /data/domain." : null;
        }
        catch (EnrichmentException exception)
        {
            return exception.Message;
        }
    }
}
