using Enrichment.Consolidation;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Microsoft.Extensions.Logging;

namespace Enrichment.Drift;

/// <summary>
/// Profiles the answers of each batch that ends, and notes what differs from the client's earlier batches.
/// </summary>
internal sealed class DriftDetector(IDriftStore store, IProjectionTransactions tables, TimeProvider time, ILogger logger)
{
    private const int BytesAtOnce = 8 << 20;
    private const int FewestAtOnce = 10;
    private const int MostAtOnce = 500;

    private readonly BatchBackoff backoff = new(time);

    /// <summary>Profiles the batches that have ended since. One that fails keeps no other back.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        foreach (var batch in (await store.FindUnprofiledAsync(cancellationToken).ConfigureAwait(false)).Where(backoff.IsDue))
        {
            try
            {
                await ProfileAsync(batch, cancellationToken).ConfigureAwait(false);
                backoff.Succeeded(batch);
            }
            catch (Exception exception) when (!StoreRetry.IsOutOfReach(exception) && !cancellationToken.IsCancellationRequested)
            {
                backoff.Failed(batch);
                Log.ProfilingFailed(logger, batch.Id, exception);
            }
        }
    }

    private async Task ProfileAsync(Batch batch, CancellationToken cancellationToken)
    {
        // What a pure step answers is the host's own code, and no vendor changes it.
        var stages = PipelineSnapshot.FromJson(batch.Snapshot).Stages;
        var steps = stages
            .Select((stage, index) => (stage.Manifest, Stage: (short)(index + 1)))
            .Where(stage => stage.Manifest.Effects != Effects.Pure)
            .GroupBy(stage => (stage.Manifest.Slug, stage.Manifest.Version), stage => stage.Stage)
            .ToList();
        var known = await store.ReadDriftAsync(batch.Client, cancellationToken).ConfigureAwait(false);
        var profiles = new List<StepProfile>(
            await UnknownBuckets.FindAsync(tables, batch, known, cancellationToken).ConfigureAwait(false));
        if (steps.Count > 0)
        {
            var items = SampledItems.InOrder(
                await store.FindSampledAsync(batch.Key, SampledItems.Below(batch.Items), cancellationToken).ConfigureAwait(false));
            var counted = await CountedPlaces.ReadAsync(tables, batch, cancellationToken).ConfigureAwait(false);
            foreach (var step in steps)
            {
                var profile = await WalkAsync(batch, [.. step], items, cancellationToken).ConfigureAwait(false);
                if (profile.Answers > 0)
                {
                    // Items that share the answer of an entity are one answer, so all items would look like more than there are.
                    if (step.ToList() is [var only] && stages[only - 1] is { Entity: null, Manifest.Entity: null })
                    {
                        CountedPlaces.Put(profile, counted, only);
                    }

                    var (slug, version) = step.Key;
                    profiles.Add(await CompareAsync(
                        batch,
                        slug,
                        version,
                        profile,
                        [.. known.Where(drift => drift.Step == slug && drift.Version == version)],
                        cancellationToken).ConfigureAwait(false));
                }
            }
        }

        await store.NoteProfilesAsync(batch, profiles, cancellationToken).ConfigureAwait(false);
    }

    private async Task<AnswerProfile> WalkAsync(
        Batch batch,
        IReadOnlyList<short> stages,
        List<(short Bucket, int Item)> items,
        CancellationToken cancellationToken)
    {
        var (walk, seen) = (new AnswerWalk(), new HashSet<long>());
        foreach (var stage in stages)
        {
            var atOnce = FewestAtOnce;
            for (var at = 0; at < items.Count && walk.Answers < SampledItems.MostAnswers;)
            {
                var some = items.GetRange(at, Math.Min(atOnce, items.Count - at));
                at += some.Count;
                var answers = (await store.ReadAnswersAsync(batch.Key, stage, some, cancellationToken).ConfigureAwait(false))
                    .ToDictionary(answer => answer.Item);
                foreach (var answer in some.Select(item => answers.GetValueOrDefault(item.Item)))
                {
                    // Items of one entity have one answer, which counts once.
                    if (answer is not null && walk.Answers < SampledItems.MostAnswers
                        && (answer.Source is not { } source || seen.Add(source)))
                    {
                        walk.Add(answer.Data);
                    }
                }

                atOnce = Math.Clamp(
                    BytesAtOnce / (1 + answers.Values.Select(answer => answer.Data.Length).DefaultIfEmpty().Max()),
                    FewestAtOnce,
                    Math.Min(MostAtOnce, 4 * atOnce));
            }
        }

        return walk.ToProfile();
    }

    private async Task<StepProfile> CompareAsync(
        Batch batch,
        string step,
        string version,
        AnswerProfile profile,
        IReadOnlyList<StoredDrift> known,
        CancellationToken cancellationToken)
    {
        var before = await store.ReadProfilesAsync(batch.Key, step, version, cancellationToken).ConfigureAwait(false);
        var accepted = known.Where(drift => drift.Status == DriftStatus.Accepted)
            .SelectMany(drift => Places(drift.Drift).Select(path => (path, drift.First.Key)));
        var found = new DriftComparison(before, [.. accepted], profile).Find();
        var names = found.Select(Name).ToHashSet();
        return new(
            step,
            version,
            profile,
            found,
            [
                .. known
                    .Where(drift => drift.Status == DriftStatus.Open
                        && drift.First.Key == batch.Key && drift.Last.Key == batch.Key && !names.Contains(Name(drift.Drift)))
                    .Select(drift => drift.Number),
            ]);
    }

    private static (DriftKind Kind, string Path, string Detail) Name(DetectedDrift drift) => (drift.Kind, drift.Path, drift.Detail);

    private static IEnumerable<string> Places(DetectedDrift drift) =>
        drift.Evidence.Counterpart is { } counterpart ? [drift.Path, counterpart] : [drift.Path];
}
