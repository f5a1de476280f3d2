using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>The value of a cell as expressions see it.</summary>
internal static class CellValue
{
    /// <summary>Of a cell of the row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="place">The column's place among the stored ones.</param>
    /// <param name="type">The declared column's type.</param>
    public static object? Of(EvaluatedRow row, int place, ColumnType type) => row.Cells[place] switch
    {
        { HasValue: true } first when type == ColumnType.PartialDate => new PartialDate(Day(first.Whole), Day(row.Cells[place + 1].Whole)),
        var cell => Of(row, cell, type),
    };

    /// <summary>Of what a source casts to.</summary>
    public static object? Of(EvaluatedRow row, TypedCell cell, ColumnType type) => !cell.HasValue ? null : type switch
    {
        ColumnType.Text or ColumnType.Json => Encoding.UTF8.GetString(row.Bytes(cell)),
        ColumnType.Integer => cell.Whole,
        ColumnType.Number => cell.Number,
        ColumnType.Boolean => BoundExpression.Truth(cell.Whole != 0),
        ColumnType.Date => Day(cell.Whole),
        ColumnType.Timestamp => new DateTimeOffset(cell.Whole, TimeSpan.Zero),
        ColumnType.TextList => row.Texts(cell),
        ColumnType.PartialDate => new PartialDate(Day(cell.Whole), Day(cell.Whole + cell.Length)),
        ColumnType.Bucket => (int)cell.Whole,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type."),
    };

    /// <summary>The cell that has a value, its text among the bytes of the row.</summary>
    public static TypedCell CellOf(EvaluatedRow row, object? value)
    {
        switch (value)
        {
            case null:
                return default;
            case string text:
                var (start, length) = row.Append(text);
                return TypedCell.OfText(start, length);
            case decimal number:
                return TypedCell.OfNumber(number);
            case string[] texts:
                var first = row.ElementCount;
                foreach (var text in texts)
                {
                    row.AddElement(row.Append(text));
                }

                return TypedCell.OfList(first, texts.Length);
            default:
                return TypedCell.OfWhole(value switch
                {
                    long integer => integer,
                    int rank => rank,
                    bool truth => truth ? 1 : 0,
                    DateOnly day => day.DayNumber,
                    DateTimeOffset instant => instant.UtcTicks,
                    _ => throw new InvalidOperationException($"{value.GetType()} is in no column."),
                });
        }
    }

    private static DateOnly Day(long number) => DateOnly.FromDayNumber((int)number);
}
