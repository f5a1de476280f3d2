using System.Data.Common;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Reading;

/// <summary>
/// Evaluates one item again and tells where its cells are from. <see cref="RowEvaluator"/> chooses, as ever. Of a pruned batch the stored
/// row tells.
/// </summary>
/// <param name="session">The projection's statements.</param>
/// <param name="definition">The definition.</param>
/// <param name="asOf">The day from which expressions look that depend on one.</param>
internal sealed class RowExplanation(ProjectionSession session, Projection definition, DateOnly asOf)
{
    private const int ShownCharacters = 200;

    private readonly Dictionary<short, (int Attempt, DateTime At)> results = [];
    private RowEvaluator evaluator = null!;
    private CellOrigins own = null!;
    private CellOrigins? table;

    private ProjectionPlan Plan => evaluator.Plan;

    /// <summary>The explanation; null if the batch has no such item, or was pruned and has no row of it.</summary>
    public async Task<ExplainedRow?> OfAsync(Batch batch, int item, CancellationToken cancellationToken)
    {
        var dialect = session.Dialect;
        var planned = await session.PlanAsync(definition, 0, batch.Key, cancellationToken).ConfigureAwait(false);
        var registry = await ProjectionRegistry.ReadAsync(session, definition, cancellationToken).ConfigureAwait(false);
        var stored = registry is null ? null
            : await StoredRow.ReadAsync(session, registry, planned, item, asOf, cancellationToken).ConfigureAwait(false);
        var folded = stored is null ? null : await FoldedRow.ReadAsync(
            session,
            registry!,
            new() { ["client"] = planned.Client, ["batch"] = batch.Key, ["item"] = item },
            asOf,
            cancellationToken).ConfigureAwait(false);
        if (planned.IsPruned)
        {
            return stored?.Explain(batch.Id, item) is not { } pruned ? null : pruned with
            {
                Cells = [.. pruned.Cells.Select(Folded)],
                Children = await StoredRow.ReadChildrenAsync(session, registry!.Live, planned, item, cancellationToken)
                    .ConfigureAwait(false),
            };
        }

        var answers = new ListAnswers();
        evaluator = new(planned.Plan, answers);
        var items = dialect.Items([((short)Bucket.Of(batch.UploadId, item), item)]);
        await using var command = session.Command(dialect.ReadItems(Plan, explained: true), new(items)
        {
            ["batch"] = batch.Key,
            ["upload"] = planned.Upload,
        });
        var version = definition.Lists.Count == 0 ? null : ListsOf(registry);
        do
        {
            // What expressions asked of lists is looked up, and the item is evaluated again.
            await new ProjectionLists(session, version ?? 0, planned.Client).AnswerAsync(answers, cancellationToken).ConfigureAwait(false);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            dialect.Load(reader, evaluator, withTimes: true);
            ReadResults(reader);
            evaluator.Evaluate();
        }
        while (evaluator.IsLacking);

        (own, table) = (new(RowOrigin.Read(evaluator.Origin, Plan), Plan), stored?.Origins);
        return new(batch.Id, item, [.. Plan.Projection.Declared.Select(Explain).Select(Folded)])
        {
            Children = [.. evaluator.Children.SelectMany(rows => Explain(batch.Id, rows))],
            KeyColumns = Plan.Projection.Key,
            HasRow = evaluator.HasRow,
        };

        ExplainedCell Folded(ExplainedCell cell) => folded?.Explain(cell) ?? cell;
    }

    // The version that has the lists of this definition: the live one first.
    private int? ListsOf(ProjectionRegistry? registry) => registry?.Versions
        .Where(version => version.Status is VersionStatus.Live or VersionStatus.Kept && version.Known == definition)
        .MinBy(version => version.Status)?.Version;

    private static object? Shown(object? value, ProjectionColumn column) => value switch
    {
        PartialDate date => date.ToString(),
        int rank => column.Computed!.Type.Scale!.Labels[rank],
        _ => value,
    };

    // Bucket, item and uploaded row come first; then results, times and attempts, one of each for a stage.
    private void ReadResults(DbDataReader reader)
    {
        var stages = Plan.Stages.Count;
        foreach (var (index, stage) in Plan.Stages.Index())
        {
            var at = 3 + stages + index;
            if (!reader.IsDBNull(at))
            {
                results[stage] = (reader.GetInt32(at + stages), session.Dialect.Time(reader, at));
            }
        }
    }

    private ExplainedCell Explain(ProjectionColumn column) => column.IsCell
        ? Explain(column, new(evaluator.Row, Plan.Cells, evaluator.Row.Issues, evaluator.Candidates, evaluator.IsOfSource)) with
        {
            InTable = table?.UnlessAs(own, column),
        }
        : new(column.Name, column.Type.Word(), Shown(evaluator.ValueAsOf(column, asOf), column)) { Expression = column.Formula };

    private IEnumerable<ExplainedRow> Explain(Guid batch, ChildRows rows)
    {
        foreach (var row in rows.InOrder.ToList())
        {
            var issues = rows.Issues.Where(issue => issue.Key == row.Key).Select(issue => issue.Issue).ToList();
            rows.Visit(row.Place);
            var evaluated = new Evaluated(rows.Row, rows.Plan.Cells, issues, rows.Candidates, rows.IsOfSource);
            var key = Convert.ToHexStringLower(row.Key.Bytes());
            var cells = rows.Plan.Child.Columns.Select(column => Explain(column, evaluated));
            yield return new(batch, evaluator.Row.Item, [.. cells]) { Child = rows.Plan.Child.Name, ChildKey = key, Twin = row.Twin };
        }
    }

    private ExplainedCell Explain(ProjectionColumn column, Evaluated evaluated)
    {
        var place = evaluated.Plan.Index().First(known => known.Item.Stored.Name == column.Name).Index;
        var issue = evaluated.Issues.FirstOrDefault(known => known.Column == place && known.Source == 0);
        var value = Shown(CellValue.Of(evaluated.Row, place, column.Type), column);
        return new(column.Name, column.Type.Word(), value)
        {
            Expression = column.Formula,
            Choose = column.Formula is null ? column.Choose.Word() : null,
            IsDefault = column.Formula is null && value is not null && !evaluated.IsOfSource(place),
            Issue = issue.Reason,
            Detail = issue.Value,
            Candidates = [.. Candidates(column, evaluated, place)],
        };
    }

    private IEnumerable<ExplainedCandidate> Candidates(ProjectionColumn column, Evaluated evaluated, int place)
    {
        var known = evaluated.Candidates(place).ToDictionary(candidate => candidate.Source.Position);
        return column.Sources.Select((source, index) => known.TryGetValue(index + 1, out var candidate)
            ? Explain(column, evaluated.Row, source, candidate)
            : new(source.Words, CellOrigins.Word(CandidateOutcome.NotInBatch)));
    }

    private ExplainedCandidate Explain(ProjectionColumn column, EvaluatedRow row, ColumnSource source, SourceCandidate candidate)
    {
        // Without a value, the place is the result of the latest stage that has one, else the latest stage.
        var stages = candidate.Source.Reads.OfType<AnswerRead>().ToList();
        var place = candidate.Read ?? stages.Find(read => results.ContainsKey(read.Stage)) ?? stages.FirstOrDefault();
        var stage = place is AnswerRead { Stage: > 0 and var known } ? known : (short?)null;
        var manifest = stage is { } number ? Plan.Pipeline.Stages[number - 1].Manifest : null;
        var result = stage is { } of && results.TryGetValue(of, out var stored) ? stored : ((int Attempt, DateTime At)?)null;
        return new(source.Words, CellOrigins.Word(candidate.Outcome))
        {
            Raw = candidate.Read is null
                ? null
                : CellText.Beginning(row.Bytes(row.ContentOf(candidate.Value)), ShownCharacters),
            Value = Shown(CellValue.Of(row, candidate.Cell, column.Type), column),
            Header = candidate.Read is CellRead cell ? Plan.Headers[cell.Position] : null,
            Pointer = (candidate.Read as StageRead)?.Pointer.Text,
            Step = manifest?.Slug,
            Version = manifest?.Version,
            Stage = stage,
            Attempt = result?.Attempt,
            StoredAt = result is { At: var at } ? new(at, TimeSpan.Zero) : null,
            Observed = column.Choose == ChoiceRule.Latest && candidate.Read is not null && candidate.Time > long.MinValue
                ? new(candidate.Time, TimeSpan.Zero)
                : null,
            Confidence = column.Choose == ChoiceRule.Confident && candidate.Read is not null ? candidate.Confidence : null,
        };
    }

    /// <summary>What was evaluated: the item's row, or one of a child table.</summary>
    private sealed record Evaluated(
        EvaluatedRow Row,
        IReadOnlyList<PlannedColumn> Plan,
        IReadOnlyList<CellIssue> Issues,
        Func<int, IEnumerable<SourceCandidate>> Candidates,
        Func<int, bool> IsOfSource);
}
