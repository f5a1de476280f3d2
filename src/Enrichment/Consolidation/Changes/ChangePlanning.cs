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
            Obstacle = registry is null || isLive
                ? null
                : await VersionChange.ObstacleAsync(session, registry, proposed, cancellationToken).ConfigureAwait(false),
            Batches = current.Count,
            Items = current.Sum(batch => (long)batch.Items),
            CarriedBatches = batches.Count(batch => batch.IsPruned && proposed.TakesRowsOf(batch.Workstream)),
            Warnings =
            [
                .. await WarningsAsync(session, unpruned, cancellationToken).ConfigureAwait(false),
                .. registry is not null && !isLive && items > 0 && (proposed.FoldsColumns || registry.Live.Projection.FoldsColumns)
                    ? [$"Cells of items are compared before they are folded: a folded cell may change though no item's cell does. 'enrich projection apply {proposed.Name} --hold' compares the folded rows."]
                    : Array.Empty<string>(),
            ],
            Preview = registry is null || isLive || items == 0 || either.Count == 0 || !CanEvaluate(registry.Live.Projection)
                ? null
                : await PreviewAsync(session, registry.Live, Spread(either, MostBatches), items, cancellationToken)
                    .ConfigureAwait(false),
        };
    }

    // Without the code of a function there is nothing to compare. Values of a list that is declared in another way are not stored yet.
    private bool CanEvaluate(Projection live) =>
        live.Declared.Concat(proposed.Declared)
            .Concat(live.Children.Concat(proposed.Children).SelectMany(child => child.Columns))
            .All(column => column.Function is not { Run: null })
        && (proposed.Lists.Count == 0 || Texts(proposed).SequenceEqual(Texts(live)));

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
                .. taken.Count == 0
                    ? []
                    : new KnownSources([.. taken.Select(plan => plan.Known)])
                        .Missing(proposed, proposed.Lists.Where(list => workstreams.Contains(list.Workstream))),
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
        var comparison = new CellComparison(live.Projection, proposed);
        foreach (var (index, batch) in batches.Index())
        {
            var before = await session.PlanAsync(live.Projection, 0, batch.Key, cancellationToken).ConfigureAwait(false);
            var after = await session.PlanAsync(proposed, 0, batch.Key, cancellationToken).ConfigureAwait(false);
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
            var rows = await EvaluateAsync(session, before, live.Lists, chosen, cancellationToken).ConfigureAwait(false);
            foreach (var (item, row) in await EvaluateAsync(session, after, live.Lists, chosen, cancellationToken).ConfigureAwait(false))
            {
                if (rows.TryGetValue(item, out var other))
                {
                    comparison.Add(before.Id, item, other, row);
                }
            }
        }

        return comparison.Result();
    }

    private static async Task<Dictionary<int, ComparedRow>> EvaluateAsync(
        ProjectionSession session,
        PlannedBatch batch,
        int lists,
        IReadOnlyList<(short Bucket, int Item)> items,
        CancellationToken cancellationToken)
    {
        var answers = new ListAnswers();
        var rows = await ReadAsync(session, batch, answers, items, cancellationToken).ConfigureAwait(false);
        while (answers.Asked.Count > 0)
        {
            await new ProjectionLists(session, lists, batch.Client).AnswerAsync(answers, cancellationToken).ConfigureAwait(false);
            rows = await ReadAsync(session, batch, answers, items, cancellationToken).ConfigureAwait(false);
        }

        return rows;
    }

    private static async Task<Dictionary<int, ComparedRow>> ReadAsync(
        ProjectionSession session,
        PlannedBatch batch,
        ListAnswers answers,
        IReadOnlyList<(short Bucket, int Item)> items,
        CancellationToken cancellationToken)
    {
        var evaluator = new RowEvaluator(batch.Plan, answers);
        await using var command = session.Command(session.Dialect.ReadItems(batch.Plan), new(session.Dialect.Items(items))
        {
            ["batch"] = batch.Key,
            ["upload"] = batch.Upload,
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new Dictionary<int, ComparedRow>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            session.Dialect.Load(reader, evaluator, batch.Plan.NeedsTimes);
            evaluator.Evaluate();
            rows[evaluator.Row.Item] = Row(evaluator);
        }

        return rows;
    }

    private static ComparedRow Row(RowEvaluator evaluator)
    {
        var cells = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (place, planned) in evaluator.Plan.Columns.Index().Where(column => !column.Item.Stored.IsBeside))
        {
            var value = CellValue.Of(evaluator.Row, place, planned.Column.Type);
            cells[planned.Column.Name] = CsvExport.Format(ComputedFunction.Shown(value, planned.Column.ExpressionType));
        }

        var issues = evaluator.Row.Issues.Select(issue => evaluator.Plan.Cells[issue.Column].Column.Name)
            .Concat(evaluator.Children.SelectMany(rows => rows.Issues.Select(issue => rows.Plan.ColumnOf(issue.Issue))));
        return new(
            evaluator.HasRow,
            cells,
            evaluator.Plan.HasRows ? [.. issues] : [],
            evaluator.Children.SelectMany(Children).ToDictionary(row => row.Row, row => row.Cells));
    }

    private static IEnumerable<((string, UInt128, int) Row, Dictionary<string, string?> Cells)> Children(ChildRows rows)
    {
        foreach (var row in rows.Written)
        {
            rows.Row.Select(row.Place);
            var cells = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var (place, planned) in rows.Plan.Columns.Index().Where(column => !column.Item.Stored.IsBeside))
            {
                var value = CellValue.Of(rows.Row, place, planned.Column.Type);
                cells[rows.Plan.Child.NameOf(planned.Column)] =
                    CsvExport.Format(ComputedFunction.Shown(value, planned.Column.ExpressionType));
            }

            yield return ((rows.Plan.Child.Name, row.Key, row.Twin), cells);
        }
    }

    // As many as wanted, at equal distances.
    private static List<T> Spread<T>(IReadOnlyList<T> all, int wanted) =>
        all.Count <= wanted ? [.. all] : [.. Enumerable.Range(0, wanted).Select(index => all[(int)((long)index * all.Count / wanted)])];

    /// <summary>A batch of which a new version would be made.</summary>
    private sealed record ChangedBatch(int Key, int Items, bool IsPruned, string Workstream);
}
