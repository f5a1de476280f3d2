using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>What a definition makes of an item.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Values">Its cells as its row would be stored, in the order of <see cref="Projection.OfItems"/>.</param>
internal sealed record EvaluatedItem(ComparedRow Row, IReadOnlyList<object?> Values)
{
    /// <summary>Evaluates items of a batch, and writes nothing.</summary>
    /// <param name="session">The statements.</param>
    /// <param name="batch">The batch, planned by the definition.</param>
    /// <param name="lists">The version whose lists are looked up.</param>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<Dictionary<int, EvaluatedItem>> ReadAsync(
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

    /// <summary>The cells of a row by column, as text.</summary>
    public static Dictionary<string, string?> Texts(
        EvaluatedRow row, IReadOnlyList<PlannedColumn> columns, Func<ProjectionColumn, string>? nameOf = null)
    {
        var cells = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (place, planned) in columns.Index().Where(column => !column.Item.Stored.IsBeside))
        {
            var value = CellValue.Of(row, place, planned.Column.Type);
            cells[nameOf?.Invoke(planned.Column) ?? planned.Column.Name] =
                CsvExport.Format(ComputedFunction.Shown(value, planned.Column.ExpressionType));
        }

        return cells;
    }

    private static async Task<Dictionary<int, EvaluatedItem>> ReadAsync(
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
        var rows = new Dictionary<int, EvaluatedItem>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            session.Dialect.Load(reader, evaluator, batch.Plan.NeedsTimes);
            evaluator.Evaluate();
            rows[evaluator.Row.Item] = new(Of(evaluator), [.. evaluator.Plan.Written.Select((column, place) =>
                CellValue.Of(evaluator.Row, evaluator.Row.Cells[place], column.Stored.Type))]);
        }

        return rows;
    }

    private static ComparedRow Of(RowEvaluator evaluator)
    {
        var issues = evaluator.Issues.Select(issue => evaluator.Plan.Cells[issue.Column].Column.Name);
        var ofChildren = evaluator.Children.SelectMany(rows => rows.Issues.Select(issue => rows.Plan.ColumnOf(issue.Issue)));
        return new(
            evaluator.HasRow,
            Texts(evaluator.Row, evaluator.Plan.Columns),
            evaluator.Plan.HasRows ? [.. issues, .. ofChildren] : [],
            evaluator.Children.SelectMany(Children).ToDictionary(row => row.Row, row => row.Cells));
    }

    private static IEnumerable<((string, UInt128, int) Row, Dictionary<string, string?> Cells)> Children(ChildRows rows)
    {
        foreach (var row in rows.Written)
        {
            rows.Row.Select(row.Place);
            yield return ((rows.Plan.Child.Name, row.Key, row.Twin), Texts(rows.Row, rows.Plan.Columns, rows.Plan.Child.NameOf));
        }
    }
}
