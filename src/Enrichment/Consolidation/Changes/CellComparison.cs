namespace Enrichment.Consolidation.Changes;

/// <summary>The row of an item or of a key, as one definition makes it.</summary>
/// <param name="HasRow">Whether the table has it.</param>
/// <param name="Cells">The cells by column, as text.</param>
/// <param name="Issues">The columns of its issues.</param>
/// <param name="Children">The cells of its child rows by column, each row by its table, its key and its number.</param>
internal sealed record ComparedRow(
    bool HasRow,
    IReadOnlyDictionary<string, string?> Cells,
    IReadOnlyList<string> Issues,
    IReadOnlyDictionary<(string Child, UInt128 Key, int Twin), Dictionary<string, string?>> Children)
{
    /// <summary>No row.</summary>
    public static readonly ComparedRow None = new(
        false, new Dictionary<string, string?>(), [], new Dictionary<(string, UInt128, int), Dictionary<string, string?>>());
}

/// <summary>Compares rows that two definitions make of the same items, cell by cell.</summary>
internal sealed class CellComparison(Projection live, Projection proposed)
{
    private const int MostExamples = 20;

    private readonly Dictionary<string, PreviewedColumn> columns = Names(proposed).Union(Names(live))
        .ToDictionary(column => column, column => new PreviewedColumn(column, 0, 0, 0, 0, 0), StringComparer.Ordinal);

    private readonly Dictionary<string, PreviewedChild> children = live.Children.Select(child => child.Name)
        .Intersect(proposed.Children.Select(child => child.Name), StringComparer.Ordinal)
        .ToDictionary(child => child, child => new PreviewedChild(child, 0, 0), StringComparer.Ordinal);

    private readonly List<ChangedCell> examples = [];
    private int items;
    private int before;
    private int after;

    /// <param name="batch">The batch of the row's item.</param>
    /// <param name="item">The item.</param>
    /// <param name="one">What the live definition makes.</param>
    /// <param name="other">What the proposed one makes.</param>
    /// <param name="evaluated">How many items were evaluated for it.</param>
    public void Add(Guid batch, int item, ComparedRow one, ComparedRow other, int evaluated = 1)
    {
        items += evaluated;
        before += one.HasRow ? 1 : 0;
        after += other.HasRow ? 1 : 0;
        foreach (var column in columns.Keys)
        {
            var found = columns[column];
            columns[column] = found with
            {
                IssuesBefore = found.IssuesBefore + one.Issues.Count(name => name == column),
                IssuesAfter = found.IssuesAfter + other.Issues.Count(name => name == column),
            };
        }

        if (!one.HasRow || !other.HasRow)
        {
            return;
        }

        Compare(batch, item, one.Cells, other.Cells);
        foreach (var (row, cells) in other.Children.Where(row => children.ContainsKey(row.Key.Child)))
        {
            if (one.Children.TryGetValue(row, out var old))
            {
                Compare(batch, item, old, cells);
            }
            else
            {
                children[row.Child] = children[row.Child] with { Gained = children[row.Child].Gained + 1 };
            }
        }

        foreach (var row in one.Children.Keys.Where(row => children.ContainsKey(row.Child) && !other.Children.ContainsKey(row)))
        {
            children[row.Child] = children[row.Child] with { Lost = children[row.Child].Lost + 1 };
        }
    }

    private static IEnumerable<string> Names(Projection projection) => projection.ColumnNames
        .Concat(projection.Children.SelectMany(child => child.Visible.Select(child.NameOf)));

    private void Compare(
        Guid batch, int item, IReadOnlyDictionary<string, string?> one, IReadOnlyDictionary<string, string?> other)
    {
        foreach (var column in one.Keys.Union(other.Keys))
        {
            var (old, value) = (one.GetValueOrDefault(column), other.GetValueOrDefault(column));
            if (old != value)
            {
                examples.Add(new(batch, item, column, old, value));
                var found = columns[column];
                columns[column] = found with
                {
                    Changed = found.Changed + 1,
                    Filled = found.Filled + (old is null ? 1 : 0),
                    Emptied = found.Emptied + (value is null ? 1 : 0),
                };
            }
        }
    }

    public ChangePreview Result() => new()
    {
        Items = items,
        RowsBefore = before,
        RowsAfter = after,
        Children = [.. children.Values.Where(child => child.Gained + child.Lost > 0)],
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
