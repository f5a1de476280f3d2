namespace Enrichment.Consolidation.Evaluation;

/// <summary>The values that an item adds to lists: it is of their workstream.</summary>
internal sealed class ListRow
{
    private readonly IReadOnlyList<PlannedListColumn> plan;
    private readonly SourcedCells sourced;
    private readonly EvaluatedRow row;
    private readonly HashSet<ListedValue> values = [];

    /// <param name="plan">The columns.</param>
    /// <param name="documents">Gets the places that the columns read.</param>
    /// <param name="documentOf">Which document a stage's result is.</param>
    /// <param name="parent">The item's row.</param>
    public ListRow(IReadOnlyList<PlannedListColumn> plan, RowDocuments documents, Func<short, int> documentOf, EvaluatedRow parent)
    {
        this.plan = plan;
        row = parent.Beside(plan.Count);
        sourced = new([.. plan.Select(column => column.Column)], documents, documentOf, row);
    }

    /// <summary>Each value once.</summary>
    public IReadOnlyCollection<ListedValue> Values => values;

    /// <summary>What did not become a value, each issue with the name of its column.</summary>
    public IEnumerable<(string Column, CellIssue Issue)> Issues => row.Issues.Select(issue => (plan[issue.Column].Name, issue));

    /// <summary>Finds the values of the item at hand.</summary>
    public void Evaluate()
    {
        row.BeginRows();
        row.Begin(0);
        sourced.Evaluate();
        values.Clear();
        foreach (var (place, column) in plan.Index())
        {
            if (CellValue.Of(row, place, column.Column.Column.Type) is { } value)
            {
                values.Add(ListedValue.Of(column.Number, value));
            }
        }
    }
}
