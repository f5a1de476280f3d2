using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>Tells what applying a definition would do. Reads only, and no more than some items.</summary>
/// <param name="store">The transactions.</param>
/// <param name="proposed">The definition.</param>
internal sealed class ChangePlanning(IProjectionTransactions store, Projection proposed)
{
    /// <summary>How many items are looked at, unless the caller says so.</summary>
    public const int UsualItems = 200;

    private const int MostBatches = 10;

    // Of which it is known whether they have a source: the youngest of each workstream.
    private const int MostOfWorkstream = 3;

    private const int MostForSources = 30;

    /// <summary>Makes the plan.</summary>
    /// <param name="items">How many items are looked at, spread over the batches.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<ChangePlan> PlanAsync(int items, CancellationToken cancellationToken) =>
        store.LookAsync(proposed.Name, session => PlanAsync(session, items, cancellationToken), cancellationToken);

    private async Task<ChangePlan> PlanAsync(ProjectionSession session, int items, CancellationToken cancellationToken)
    {
        var registry = await ProjectionRegistry.ReadAsync(session, proposed, cancellationToken).ConfigureAwait(false);
        var batches = await BatchesAsync(session, registry?.Live.Version ?? 0, cancellationToken).ConfigureAwait(false);
        var unpruned = batches.Where(batch => !batch.IsPruned).ToList();
        List<Projection> both = registry is null ? [] : [registry.Live.Projection, proposed];
        var missing = both.SelectMany(ComputedFunction.Lacks).Distinct().ToList();
        var keepsKey = registry?.Live.Projection.Key.SequenceEqual(proposed.Key) == true;
        var current = unpruned.Where(batch => proposed.TakesRowsOf(batch.Workstream)).ToList();
        var either = unpruned
            .Where(batch => proposed.TakesRowsOf(batch.Workstream) || registry?.Live.Projection.TakesRowsOf(batch.Workstream) == true)
            .ToList();
        var isLive = registry?.Live.Fingerprint.AsSpan().SequenceEqual(TableVersion.FingerprintOf(proposed)) == true;
        return new()
        {
            Live = registry?.Live.Version,
            Change = registry is null ? null : ProjectionChange.Between(registry.Live.Projection, proposed),
            IsLive = isLive,
            Building = registry?.Building?.Version,
            IsBuilding = registry?.Building?.Fingerprint.AsSpan().SequenceEqual(TableVersion.FingerprintOf(proposed)) == true,
            Obstacle = registry is null || isLive
                ? null
                : await VersionChange.ObstacleAsync(session, registry, proposed, cancellationToken).ConfigureAwait(false),
            Batches = current.Count,
            Items = current.Sum(batch => (long)batch.Items),
            CarriedBatches = batches.Count(batch => batch.IsPruned
                && proposed.TakesRowsOf(batch.Workstream) && registry?.Live.Projection.TakesRowsOf(batch.Workstream) == true),
            Warnings =
            [
                .. await WarningsAsync(session, unpruned, cancellationToken).ConfigureAwait(false),
                .. registry is not null && !isLive && items > 0 && proposed.FoldsColumns && !keepsKey
                    ? ["The key changes, so cells of items are compared, and not the cells to which they will be folded."]
                    : Array.Empty<string>(),
                .. isLive || items == 0 ? [] : missing.Select(lack => $"Cells are not compared. {lack}"),
            ],
            Preview = registry is null || isLive || items == 0 || either.Count == 0 || missing.Count > 0
                || !HasLists(registry.Live.Projection)
                ? null
                : await PreviewAsync(session, registry.Live, Spread(either, MostBatches), items, cancellationToken)
                    .ConfigureAwait(false),
        };
    }

    // Values of a list that is declared in another way are not stored yet.
    private bool HasLists(Projection live) => proposed.Lists.Count == 0 || Texts(proposed).SequenceEqual(Texts(live));

    private static IEnumerable<string> Texts(Projection projection) => projection.Lists.Select(ProjectionWriter.Text);

    // A source that one workstream lacks may be another's: only one that none has may be a mistake.
    private async Task<IReadOnlyList<string>> WarningsAsync(
        ProjectionSession session, IReadOnlyList<ChangedBatch> batches, CancellationToken cancellationToken)
    {
        var plans = new List<ProjectionPlan>();
        foreach (var batch in batches.GroupBy(batch => batch.Workstream)
            .SelectMany(workstream => workstream.TakeLast(MostOfWorkstream))
            .Take(MostForSources))
        {
            plans.Add((await session.PlanAsync(proposed, 0, batch.Key, cancellationToken).ConfigureAwait(false)).Plan);
        }

        // What a batch lacks that adds to lists alone says nothing of rows.
        var withRows = plans.Where(plan => plan.HasRows).ToList();
        var taken = plans.Where(plan => plan.HasItems).ToList();
        var workstreams = batches.Select(batch => batch.Workstream)
            .Concat(plans.Select(plan => plan.Pipeline.Workstream))
            .ToHashSet(StringComparer.Ordinal);
        return plans.Count == 0
            ? []
            :
            [
                .. proposed.Workstreams
                    .Where(name => !workstreams.Contains(name))
                    .Select(name =>
                        $"The store has no batch of the workstream '{Excerpt.Of(name)}', whose rows the table takes.{Nearest.Hint(name, workstreams)}"),
                .. withRows.Count == 0 ? [] : new KnownSources([.. withRows.Select(plan => plan.Known)]).Missing(proposed),
                .. taken.Count == 0
                    ? []
                    : new KnownSources([.. taken.Select(plan => plan.Known)])
                        .Missing(proposed.Lists.Where(list => workstreams.Contains(list.Workstream))),
                .. ListRules.Without(proposed.Lists, workstreams),
            ];
    }

    private static async Task<List<ChangedBatch>> BatchesAsync(
        ProjectionSession session, int live, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            session.Dialect.Sql["plan_change"], new() { ["projection"] = session.Name, ["live"] = live });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<ChangedBatch>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add(new(reader.GetInt32(0), reader.GetInt32(1), reader.GetBoolean(2), reader.GetString(3)));
        }

        return batches;
    }

    private async Task<ChangePreview> PreviewAsync(
        ProjectionSession session,
        TableVersion live,
        List<ChangedBatch> batches,
        int items,
        CancellationToken cancellationToken)
    {
        // Of tables by one key the rows are compared to which items are folded; of others, what each definition makes of an item.
        var keys = live.IsKeyed && live.Projection.Key.SequenceEqual(proposed.Key) ? new KeyPreview(session, live, proposed) : null;
        var comparison = new CellComparison(live.Projection, proposed);
        foreach (var (index, batch) in batches.Index())
        {
            var before = await session.PlanAsync(live.Projection, 0, batch.Key, cancellationToken).ConfigureAwait(false);
            if (before.IsPruned || before.Buckets.Count == 0)
            {
                continue;
            }

            // Of one bucket, another for each batch: a bucket has rows from all parts of a file.
            var bucket = before.Buckets[index % before.Buckets.Count];
            var (found, _) = await new ProjectionItems(session, before)
                .AfterAsync(bucket, 0, null, cancellationToken)
                .ConfigureAwait(false);
            var share = (items / batches.Count) + (index < items % batches.Count ? 1 : 0);
            var chosen = Spread(found, share);
            if (keys is not null)
            {
                await keys.AddAsync(before, chosen, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var after = await session.PlanAsync(proposed, 0, batch.Key, cancellationToken).ConfigureAwait(false);
            var rows = await EvaluatedItem.ReadAsync(session, before, live.Lists, chosen, cancellationToken).ConfigureAwait(false);
            foreach (var (item, row) in await EvaluatedItem.ReadAsync(session, after, live.Lists, chosen, cancellationToken)
                .ConfigureAwait(false))
            {
                if (rows.TryGetValue(item, out var other))
                {
                    comparison.Add(before.Id, item, other.Row, row.Row);
                }
            }
        }

        if (keys is not null)
        {
            await keys.CompareAsync(comparison, cancellationToken).ConfigureAwait(false);
        }

        return comparison.Result() with { KeysLeftOut = keys?.LeftOut ?? 0 };
    }

    // As many as wanted, at equal distances.
    private static List<T> Spread<T>(IReadOnlyList<T> all, int wanted) =>
        all.Count <= wanted ? [.. all] : [.. Enumerable.Range(0, wanted).Select(index => all[(int)((long)index * all.Count / wanted)])];

    /// <summary>A batch of which a new version would be made.</summary>
    private sealed record ChangedBatch(int Key, int Items, bool IsPruned, string Workstream);
}
