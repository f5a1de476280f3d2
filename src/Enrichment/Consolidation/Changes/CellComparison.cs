namespace Enrichment.Consolidation.Changes;

/// <summary>An item's row, as one definition makes it.</summary>
/// <param name="HasRow">Whether the table has it.</param>
/// <param name="Cells">The cells by column, as text.</param>
/// <param name="Issues">The columns of its issues.</param>
internal sealed record ComparedRow(bool HasRow, IReadOnlyDictionary<string, string?> Cells, IReadOnlyList<string> Issues);

/// <summary>Compares rows that two definitions make of the same items, cell by cell.</summary>
internal sealed class CellComparison(Projection live, Projection proposed)
{
    private const int MostExamples = 20;

    private readonly Dictionary<string, PreviewedColumn> columns = proposed.ColumnNames.Union(live.ColumnNames)
        .ToDictionary(column => column, column => new PreviewedColumn(column, 0, 0, 0, 0, 0), StringComparer.Ordinal);

    private readonly List<ChangedCell> examples = [];
    private int items;
    private int before;
    private int after;

    public void Add(Guid batch, int item, ComparedRow one, ComparedRow other)
    {
        items++;
        before += one.HasRow ? 1 : 0;
        after += other.HasRow ? 1 : 0;
        foreach (var column in columns.Keys)
        {
            var (old, value) = (one.Cells.GetValueOrDefault(column), other.Cells.GetValueOrDefault(column));
            var found = columns[column];
            found = found with
            {
                IssuesBefore = found.IssuesBefore + one.Issues.Count(name => name == column),
                IssuesAfter = found.IssuesAfter + other.Issues.Count(name => name == column),
            };
            if (old != value && one.HasRow && other.HasRow)
            {
                examples.Add(new(batch, item, column, old, value));
                found = found with
                {
                    Changed = found.Changed + 1,
                    Filled = found.Filled + (old is null ? 1 : 0),
                    Emptied = found.Emptied + (value is null ? 1 : 0),
                };
            }

            columns[column] = found;
        }
    }

    public ChangePreview Result() => new()
    {
        Items = items,
        RowsBefore = before,
        RowsAfter = after,
        Columns = [.. columns.Values.Where(column => column.Changed > 0 || column.IssuesBefore != column.IssuesAfter)],

        // In turn one of each column, so that none hides another.
        Examples =
        [
            .. examples.GroupBy(cell => cell.Column)
                .SelectMany(cells => cells.Index())
                .OrderBy(cell => cell.Index)
                .Take(MostExamples)
                .Select(cell => cell.Item)
                .OrderBy(cell => cell.Column, StringComparer.Ordinal),
        ],
    };
}
