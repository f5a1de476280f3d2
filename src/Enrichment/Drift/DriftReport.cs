using System.Globalization;
using Enrichment.Consolidation;
using Enrichment.Json;

namespace Enrichment.Drift;

/// <summary>Says a stored finding in words, with what the host's projections make of it.</summary>
/// <param name="projections">The projections.</param>
/// <param name="manifests">The steps that are known, by which a field is found in an answer.</param>
internal sealed class DriftReport(IReadOnlyCollection<Projection> projections, IReadOnlyList<StepManifest> manifests)
{
    public DriftFinding Of(StoredDrift drift)
    {
        var produced = manifests
            .Where(manifest => manifest.Slug == drift.Step && manifest.Version == drift.Version)
            .SelectMany(manifest => manifest.Produces)
            .DistinctBy(field => field.Field)
            .ToDictionary(field => field.Field, field => JsonPointer.Of(field).Text);
        var reads = projections.Select(projection => (projection.Name, Reads: new ProjectionReads(projection, produced))).ToList();
        var patches = reads
            .Select(projection => (projection.Name, Patch: projection.Reads.PatchFor(drift)))
            .Where(projection => projection.Patch is not null)
            .ToDictionary(projection => projection.Name, projection => projection.Patch!);
        var readers = reads.SelectMany(projection => projection.Reads.ReadersOf(drift)).ToList();
        return new()
        {
            Number = drift.Number,
            Step = drift.Step,
            Version = drift.Version,
            Kind = drift.Drift.Kind,
            Path = drift.Drift.Path,
            Sentence = string.Join(' ', Sentences(drift, readers)),
            Sample = drift.Drift.Sample,
            Status = drift.Status,
            FirstBatch = drift.First.Id,
            LastBatch = drift.Last.Id,
            Patches = patches,
        };
    }

    private static IEnumerable<string> Sentences(StoredDrift drift, List<string> readers) => drift.Drift.Kind == DriftKind.UnknownBucket
        ? [Unknown(drift)]
        : Changes(drift, readers);

    private static string Unknown(StoredDrift drift)
    {
        var value = drift.Drift.Sample is { } sample ? $"The value '{Excerpt.Of(sample)}'" : "A value, deleted with its batch,";
        return $"{value} is in no bucket: column '{drift.Drift.Path}' of projection '{drift.Step}' stays empty for {Number(drift.Drift.Evidence.SeenNow)} of {Number(drift.Drift.Evidence.Now)} items. Add it to the map of the buckets.";
    }

    private static IEnumerable<string> Changes(StoredDrift drift, List<string> readers)
    {
        var (evidence, place) = (drift.Drift.Evidence, Place(drift.Drift.Path));
        var (now, before) = ($"{Number(evidence.SeenNow)} of {Number(evidence.Now)} answers", $"{Number(evidence.SeenBefore)} of {Number(evidence.Before)}");
        yield return drift.Drift.Kind switch
        {
            DriftKind.NewPath => $"{place} is new: {now} have it, {None(evidence)} before had it.",
            DriftKind.VanishedPath =>
                $"{place} is gone: none of {Number(evidence.Now)} answers has it, {before} before had it.",
            DriftKind.NewKind =>
                $"{place} is now {Article(evidence.Kind)} in {now}; before it was usually {Article(evidence.KindBefore ?? JsonKind.Null)}, and in {None(evidence)} {Article(evidence.Kind)}.",
            _ => $"{place} has a value in {now} ({Rate(evidence.SeenNow, evidence.Now)}); before it had one in {before} ({Rate(evidence.SeenBefore, evidence.Before)}).",
        };
        if (evidence.Counterpart is { } counterpart)
        {
            yield return drift.Drift.Kind == DriftKind.NewPath
                ? $"{Place(counterpart)} is gone at the same time and was alike: this may be its new name."
                : $"{Place(counterpart)} is new at the same time and is alike: it may be the new name.";
        }

        if (readers.Count > 0)
        {
            yield return $"Read by {string.Join(", ", readers)}.";
        }
    }

    private static string Place(string path) => path.Length == 0 ? "The whole answer" : path;

    private static string None(DriftEvidence evidence) => $"none of {Number(evidence.Before)}";

    private static string Article(JsonKind kind) => kind switch
    {
        JsonKind.Null => "null",
        JsonKind.Object or JsonKind.Array => $"an {kind.Word()}",
        _ => $"a {kind.Word()}",
    };

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Rate(int seen, int answers) => ((double)seen / answers).ToString("P0", CultureInfo.InvariantCulture);
}
