using System.Text;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation;

/// <summary>Computes the cells of columns that have an expression, after those that have sources.</summary>
internal sealed class ComputedCells
{
    private readonly object?[] values;
    private readonly ExpressionScope scope;
    private readonly List<(int Cell, int Place, ProjectionColumn Column)> named = [];
    private readonly List<(int Cell, int Place, ProjectionColumn Column)> computed = [];

    public ComputedCells(ProjectionPlan plan)
    {
        var declared = plan.Projection.Columns;
        var names = declared
            .Where(column => column is { Computed: not null, IsStored: true })
            .SelectMany(column => column.Computed!.Columns)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (cell, column) in plan.Columns.Index().Where(column => !column.Item.Stored.IsLastDay))
        {
            var place = declared.Index().First(known => known.Item.Name == column.Column.Name).Index;
            if (column.Column.Computed is not null)
            {
                computed.Add((cell, place, column.Column));
            }
            else if (names.Contains(column.Column.Name))
            {
                named.Add((cell, place, column.Column));
            }
        }

        values = new object?[declared.Count];
        scope = new() { Row = values };
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
            values[place] = Value(row, cell, column.Type);
        }

        foreach (var (cell, place, column) in computed)
        {
            scope.Problem = null;
            values[place] = column.Computed!.Value(scope);
            Put(row, cell, values[place]);
            if (scope.Problem is { } problem)
            {
                row.Add(new(cell, 0, "compute", problem));
            }
        }
    }

    private static object? Value(EvaluatedRow row, int place, ColumnType type)
    {
        var cell = row.Cells[place];
        return !cell.HasValue ? null : type switch
        {
            ColumnType.Text or ColumnType.Json => Encoding.UTF8.GetString(row.Bytes(cell)),
            ColumnType.Integer => cell.Whole,
            ColumnType.Number => cell.Number,
            ColumnType.Boolean => BoundExpression.Truth(cell.Whole != 0),
            ColumnType.Date => Day(cell),
            ColumnType.Timestamp => new DateTimeOffset(cell.Whole, TimeSpan.Zero),
            ColumnType.TextList => row.Texts(cell),
            ColumnType.PartialDate => new PartialDate(Day(cell), Day(row.Cells[place + 1])),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No source has such a type."),
        };
    }

    private static DateOnly Day(TypedCell cell) => DateOnly.FromDayNumber((int)cell.Whole);

    private static void Put(EvaluatedRow row, int place, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                var (start, length) = row.Append(text);
                row.Cells[place] = TypedCell.OfText(start, length);
                break;
            case decimal number:
                row.Cells[place] = TypedCell.OfNumber(number);
                break;
            case string[] texts:
                var first = row.ElementCount;
                foreach (var text in texts)
                {
                    row.AddElement(row.Append(text));
                }

                row.Cells[place] = TypedCell.OfList(first, texts.Length);
                break;
            case PartialDate date:
                row.Cells[place] = TypedCell.OfWhole(date.First.DayNumber);
                row.Cells[place + 1] = TypedCell.OfWhole(date.Last.DayNumber);
                break;
            default:
                row.Cells[place] = TypedCell.OfWhole(value switch
                {
                    long integer => integer,
                    int rank => rank,
                    bool truth => truth ? 1 : 0,
                    DateOnly day => day.DayNumber,
                    DateTimeOffset instant => instant.UtcTicks,
                    _ => throw new InvalidOperationException($"{value.GetType()} is in no column."),
                });
                break;
        }
    }
}
