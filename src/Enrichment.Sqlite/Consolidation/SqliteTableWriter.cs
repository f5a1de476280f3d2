using System.Globalization;
using System.Text;
using Enrichment.Consolidation;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>Writes each row as soon as it is evaluated, by one prepared statement: nothing waits.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="batch">Whose rows are written.</param>
/// <param name="insert">Inserts a row.</param>
/// <param name="merge">Then brings rows where they belong; empty if they are there.</param>
internal sealed class SqliteTableWriter(ProjectionSession session, PlannedBatch batch, string insert, IReadOnlyList<string> merge)
    : TableWriter
{
    public const int EngineColumns = 5;

    // A double keeps every decimal number of so many digits.
    private const int DigitsOfDouble = 15;

    private readonly RowWriter writer = new((SqliteConnection)session.Connection, insert);
    private readonly List<int> items = [];

    public override int Waiting => 0;

    public override void Add(RowEvaluator evaluator)
    {
        var (row, columns) = (evaluator.Row, evaluator.Plan.Columns);
        if (merge.Count > 0)
        {
            items.Add(row.Item);
        }

        if (!evaluator.HasRow)
        {
            return;
        }

        writer.Set(1, evaluator.RowBucket).Set(2, batch.Client).Set(3, batch.Key).Set(4, row.Item).Set(5, evaluator.RowHash);
        for (var column = 0; column < columns.Count; column++)
        {
            var parameter = EngineColumns + column + 1;
            var cell = row.Cells[column];
            if (cell.HasValue)
            {
                Set(parameter, columns[column].Stored.Type, cell, row);
            }
            else
            {
                writer.SetNull(parameter);
            }
        }

        writer.Write();
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var statement in merge)
        {
            await session.ExecuteAsync(
                statement, new() { ["batch"] = batch.Key, ["items"] = JsonRows.Of(items) }, cancellationToken).ConfigureAwait(false);
        }

        items.Clear();
    }

    public override ValueTask DisposeAsync()
    {
        writer.Dispose();
        return default;
    }

    private void Set(int parameter, ColumnType type, TypedCell cell, EvaluatedRow row)
    {
        Span<byte> text = stackalloc byte[64];
        int length;
        switch (type)
        {
            case ColumnType.Text or ColumnType.Json:
                writer.SetText(parameter, row.Bytes(cell));
                break;
            case ColumnType.Integer or ColumnType.Boolean:
                writer.Set(parameter, cell.Whole);
                break;
            case ColumnType.Number:
                SetNumber(parameter, cell.Number);
                break;
            case ColumnType.Date:
                DateOnly.FromDayNumber((int)cell.Whole).TryFormat(text, out length, SqliteDialect.Day, CultureInfo.InvariantCulture);
                writer.SetText(parameter, text[..length]);
                break;
            case ColumnType.Timestamp:
                new DateTime(cell.Whole).TryFormat(text, out length, SqliteDialect.Instant, CultureInfo.InvariantCulture);
                writer.SetText(parameter, text[..length]);
                break;
            case ColumnType.TextList:
                writer.SetText(parameter, Encoding.UTF8.GetBytes(TextListJson.Write(row.Texts(cell))));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "No such type.");
        }
    }

    private void SetNumber(int parameter, decimal number)
    {
        var text = CellNumber.Format(number);
        if (text.Count(char.IsAsciiDigit) <= DigitsOfDouble)
        {
            writer.Set(parameter, (double)number);
        }
        else
        {
            writer.SetText(parameter, Encoding.ASCII.GetBytes(text));
        }
    }
}
