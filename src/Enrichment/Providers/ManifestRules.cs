using System.Text.Json;
using Enrichment.Json;
using Enrichment.Pipelines;
using NuGet.Versioning;

namespace Enrichment.Providers;

/// <summary>The rules for manifests.</summary>
internal static partial class ManifestRules
{
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(30);
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(10);

    public static IEnumerable<string> Problems(StepManifest manifest)
    {
        if (Slug.StepProblem(manifest.Slug) is { } slug)
        {
            yield return slug;
        }

        if (!SemanticVersion.TryParse(manifest.Version, out _))
        {
            yield return $"'{Excerpt.Of(manifest.Version)}' is not a semantic version such as 1.0.0.";
        }

        if (manifest.MaxTries is < 1 or > 100)
        {
            yield return $"MaxTries is {manifest.MaxTries}: expected 1 to 100.";
        }

        if (manifest.Timeout <= TimeSpan.Zero || manifest.Timeout > StageBuilder.LongestTimeout)
        {
            yield return $"the time-out is {DurationWords.Of(manifest.Timeout)}: expected more than zero and at most {DurationWords.Of(StageBuilder.LongestTimeout)}.";
        }

        if (manifest.Deadline <= TimeSpan.Zero || manifest.Deadline > LongestDeadline)
        {
            yield return $"the deadline is {DurationWords.Of(manifest.Deadline)}: expected more than zero and at most {DurationWords.Of(LongestDeadline)}.";
        }

        if (manifest.PollInterval is { } poll && (poll < ShortestPoll || poll > LongestDeadline))
        {
            yield return $"the time between polls is {DurationWords.Of(poll)}: expected {DurationWords.Of(ShortestPoll)} to {DurationWords.Of(LongestDeadline)}.";
        }

        if (manifest.BulkSize is < 1 or > 1000)
        {
            yield return $"BulkSize is {manifest.BulkSize}: expected 1 to 1000.";
        }

        if (manifest.Settings is { ValueKind: not JsonValueKind.Object })
        {
            yield return "its settings are not a JSON object.";
        }

        foreach (var problem in FieldProblems(manifest).Concat(EntityProblems(manifest)))
        {
            yield return problem;
        }
    }

    /// <summary>
    /// The properties that a declared step may not have: an external worker that fetches its tasks reports each of them.
    /// </summary>
    public static IEnumerable<string> ProblemsOfDeclared(StepManifest manifest)
    {
        if (manifest.ReceivesCallbacks || manifest.PollInterval is not null)
        {
            yield return "it is declared as answered by callback or poll, which only a step of a .NET host is. A worker waits for the answer itself, and extends its lock meanwhile.";
        }

        if (manifest.BulkSize is not null)
        {
            yield return "it has a BulkSize, but how many items a worker takes is for its fetch to say. Remove it.";
        }

        if (manifest.Entity is { CallsWithoutKey: true })
        {
            yield return "its entity has callsWithoutKey, but external workers get entity requests only. Remove it: such items are skipped with the reason.";
        }
    }

    /// <summary>What is wrong with the type of a step's settings.</summary>
    public static IEnumerable<string> Problems(Type? options) =>
        options
            ?.GetProperties()
            .FirstOrDefault(property => string.Equals(property.Name, CallLimits.Setting, StringComparison.OrdinalIgnoreCase))
            is { } taken
            ?
            [
                $"its options {options} have a property {taken.Name}, but the setting '{CallLimits.Setting}' is the engine's. Give the property another name.",
            ]
            : [];

    private static IEnumerable<string> EntityProblems(StepManifest manifest)
    {
        if (manifest.Entity is not { } entity)
        {
            yield break;
        }

        if (manifest.Effects == Effects.Pure)
        {
            yield return "it is pure and has an entity: it makes no call that items could share.";
        }

        if (Slug.NameProblem(entity.Kind, "a kind of entity") is { } kind)
        {
            yield return kind;
        }

        if (entity.Keys.Count == 0)
        {
            yield return $"its entity '{Excerpt.Of(entity.Kind)}' has no field that holds the key.";
        }

        if (entity.CompanyKeys.Count > 0 && entity.Kind != "person")
        {
            yield return $"its entity '{Excerpt.Of(entity.Kind)}' has fields for a company's key, which only the kind 'person' has. Remove them.";
        }

        foreach (var field in entity.Keys.Concat(entity.CompanyKeys).Except(manifest.Reads))
        {
            yield return $"its entity has its key in '{Excerpt.Of(field)}', which is not among the fields that it reads. Correct the name, or add it to what the step reads.";
        }

        TimeSpan[] windows = [entity.Fresh, entity.FreshNotFound];
        foreach (var window in windows.Where(window => window < TimeSpan.Zero || window > EntityPolicy.LongestFreshness))
        {
            yield return $"its answers are fresh for {DurationWords.Of(window)}: expected 0 to {DurationWords.Of(EntityPolicy.LongestFreshness)}.";
        }
    }

    private static IEnumerable<string> FieldProblems(StepManifest manifest)
    {
        var fields = manifest.Reads.Concat(manifest.Produces.Select(produced => produced.Field));
        foreach (var problem in fields.Select(Slug.FieldProblem).OfType<string>().Distinct())
        {
            yield return problem;
        }

        foreach (var twice in manifest.Reads.GroupBy(field => field).Where(group => group.Count() > 1))
        {
            yield return $"'{twice.Key}' occurs twice in Reads. Remove one of them.";
        }

        foreach (var twice in manifest.Produces.GroupBy(produced => produced.Field).Where(group => group.Count() > 1))
        {
            yield return $"'{twice.Key}' occurs twice in Produces. A field has one place in a result.";
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
            return produced.Path is ""
                ? $"The path of '{produced.Field}' is empty. Name a place in the result, such as /data/domain."
                : null;
        }
        catch (EnrichmentException exception)
        {
            return exception.Message;
        }
    }
}
