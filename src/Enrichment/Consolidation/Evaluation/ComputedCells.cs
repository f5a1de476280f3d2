using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Computes the cells of columns that have an expression, after those that have sources.</summary>
internal sealed class ComputedCells
{
    private readonly object?[] values;
    private readonly List<NamedChild> children;
    private readonly ExpressionScope scope;
    private readonly List<(int Cell, int Place, ProjectionColumn Column)> cells = [];
    private readonly List<(int Cell, int Place, ProjectionColumn Column)> named = [];
    private readonly List<(int Cell, int Place, ProjectionColumn Column)> computed = [];

    /// <param name="declared">All columns of the row.</param>
    /// <param name="plan">Those that are evaluated.</param>
    /// <param name="rows">The rows of the child tables.</param>
    /// <param name="lists">Looks values up in lists.</param>
    /// <param name="computes">Which columns are computed; the others have their cells. Null: all that have an expression.</param>
    public ComputedCells(
        IReadOnlyList<ProjectionColumn> declared,
        IReadOnlyList<PlannedColumn> plan,
        IReadOnlyList<ChildRows> rows,
        ListLookup lists,
        Func<ProjectionColumn, bool>? computes = null)
    {
        var names = declared
            .Where(column => column is { Computed: not null, IsCell: true })
            .SelectMany(column => column.Computed!.Columns)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (cell, column) in plan.Index().Where(column => !column.Item.Stored.IsBeside))
        {
            var place = declared.Index().First(known => known.Item.Name == column.Column.Name).Index;
            cells.Add((cell, place, column.Column));
            if (column.Column.Computed is not null && computes?.Invoke(column.Column) != false)
            {
                column.Column.Function?.Require(column.Column.Name);
                computed.Add((cell, place, column.Column));
            }
            else if (names.Contains(column.Column.Name))
            {
                named.Add((cell, place, column.Column));
            }
        }

        // One may name another that is declared before it, wherever their cells are.
        computed.Sort((one, other) => one.Place.CompareTo(other.Place));
        values = new object?[declared.Count];
        var used = declared.SelectMany(column => column.Computed?.Children.AsEnumerable() ?? []).ToHashSet(StringComparer.Ordinal);
        var tables = rows.Select(_ => new List<object?[]>()).ToArray();
        children = [.. rows.Index().Where(child => used.Contains(child.Item.Plan.Child.Name))
            .Select(child => new NamedChild(child.Item, tables[child.Index]))];
        scope = new() { Row = values, Children = tables, IsListed = lists.Has };
    }

    /// <summary>Puts the computed cells and their issues into a row whose other cells are there.</summary>
    public void Evaluate(EvaluatedRow row)
    {
        if (computed.Count == 0)
        {
            return;
        }

        foreach (var (cell, place, column) in named)
        {
            values[place] = CellValue.Of(row, cell, column.Type);
        }

        foreach (var child in children)
        {
            child.Load();
        }

        foreach (var (cell, place, column) in computed)
        {
            (scope.Problem, scope.UnknownBucket) = (null, null);
            values[place] = column.Computed!.Value(scope);
            Put(row, cell, values[place]);
            if (scope.Problem is { } problem)
            {
                row.Add(scope.UnknownBucket is { } value
                    ? new(cell, 0, IssueReason.UnknownBucket, value)
                    : new(cell, 0, IssueReason.Compute, problem));
            }
        }
    }

    /// <summary>
    /// The answer to an expression that depends on the reader's day, for a row whose cells are there. Stores answer it in SQL; this is for
    /// an explanation.
    /// </summary>
    public object? ValueAsOf(EvaluatedRow row, ProjectionColumn column, DateOnly asOf)
    {
        foreach (var (cell, place, stored) in cells.Where(known => column.Computed!.Columns.Contains(known.Column.Name)))
        {
            values[place] = CellValue.Of(row, cell, stored.Type);
        }

        return column.Computed!.Value(new() { Row = values, AsOf = asOf });
    }

    /// <summary>A child table that an expression names.</summary>
    private sealed class NamedChild(ChildRows rows, List<object?[]> table)
    {
        private readonly (int Cell, ColumnType Type)[] columns =
        [
            .. rows.Plan.Child.Columns.Select(declared => (
                rows.Plan.Cells.Index().First(column => column.Item.Stored.Name == declared.Name).Index,
                declared.Type)),
        ];

        public void Load()
        {
            table.Clear();
            foreach (var row in rows.InOrder)
            {
                rows.Row.Select(row.Place);
                table.Add([.. columns.Select(column => CellValue.Of(rows.Row, column.Cell, column.Type))]);
            }
        }
    }

    private static void Put(EvaluatedRow row, int place, object? value)
    {
        if (value is PartialDate date)
        {
            row.Cells[place] = CellValue.CellOf(row, date.First);
            row.Cells[place + 1] = CellValue.CellOf(row, date.Last);
        }
        else if (value is not null)
        {
            row.Cells[place] = CellValue.CellOf(row, value);
        }
    }
}
