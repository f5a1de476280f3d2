using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Tables;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>Writes each row as soon as it is evaluated, by one prepared statement: nothing waits.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="batch">Whose rows are written.</param>
/// <param name="insert">Inserts a row.</param>
/// <param name="merge">Then brings rows where they belong; empty if they are there.</param>
/// <param name="children">The same for each child table.</param>
/// <param name="remove">Removes the rows of items that have none any more; null if there cannot be any.</param>
internal sealed class SqliteTableWriter(
    ProjectionSession session,
    PlannedBatch batch,
    string insert,
    IReadOnlyList<string> merge,
    IReadOnlyList<(string Insert, IReadOnlyList<string> Merge)> children,
    string? remove) : TableWriter
{
    public const int EngineColumns = 6;

    public const int ChildEngineColumns = 7;

    // A double keeps every decimal number of so many digits.
    private const int DigitsOfDouble = 15;

    private readonly RowWriter writer = new((SqliteConnection)session.Connection, insert);
    private readonly List<RowWriter> childWriters =
        [.. children.Select(child => new RowWriter((SqliteConnection)session.Connection, child.Insert))];
    private readonly List<short> buckets = [];
    private readonly List<int> items = [];
    private readonly List<(short Bucket, int Item)> gone = [];
    private readonly byte[] key = new byte[ChildKey.Size];
    private readonly bool merges = merge.Count + children.Sum(child => child.Merge.Count) > 0;

    public override int Waiting => 0;

    public override void Add(RowEvaluator evaluator)
    {
        var (row, columns) = (evaluator.Row, evaluator.Plan.Written);
        if (merges)
        {
            buckets.Add(row.Bucket);
            items.Add(row.Item);
        }

        if (!evaluator.HasRow)
        {
            gone.Add((row.Bucket, row.Item));
            return;
        }

        writer
            .Set(1, evaluator.RowBucket)
            .Set(2, batch.Client)
            .Set(3, batch.Key)
            .Set(4, row.Item)
            .Set(5, evaluator.RowHash)
            .Set(6, evaluator.Origin);
        Set(writer, EngineColumns, columns, row);
        if (evaluator.Plan.Projection.AreItemsSearched)
        {
            SetWords(writer, EngineColumns + columns.Count + 1, evaluator.Words);
        }

        writer.Write();
        for (var child = 0; child < childWriters.Count; child++)
        {
            Add(childWriters[child], evaluator.Children[child], row.Bucket, row.Item);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        var (ofItems, ofBuckets) = (JsonRows.Of(items), JsonRows.Of(buckets));
        foreach (var statement in merge)
        {
            await session.ExecuteAsync(statement, new() { ["batch"] = batch.Key, ["items"] = ofItems }, cancellationToken)
                .ConfigureAwait(false);
        }

        foreach (var statement in children.SelectMany(child => child.Merge))
        {
            await session.ExecuteAsync(
                statement,
                new() { ["client"] = batch.Client, ["batch"] = batch.Key, ["buckets"] = ofBuckets, ["items"] = ofItems },
                cancellationToken).ConfigureAwait(false);
        }

        if (remove is not null && gone.Count > 0)
        {
            await session.ExecuteAsync(
                remove,
                new(session.Dialect.Items(gone)) { ["client"] = batch.Client, ["batch"] = batch.Key },
                cancellationToken).ConfigureAwait(false);
        }

        gone.Clear();
        buckets.Clear();
        items.Clear();
    }

    public override ValueTask DisposeAsync()
    {
        writer.Dispose();
        childWriters.ForEach(child => child.Dispose());
        return default;
    }

    private void Add(RowWriter child, ChildRows rows, short bucket, int item)
    {
        foreach (var row in rows.Written)
        {
            rows.Row.Select(row.Place);
            BinaryPrimitives.WriteUInt128BigEndian(key, row.Key);
            child.Set(1, bucket).Set(2, batch.Client).Set(3, batch.Key).Set(4, item).Set(5, key).Set(6, row.Twin).Set(7, row.Hash);
            Set(child, ChildEngineColumns, rows.Plan.Columns, rows.Row);
            child.Write();
        }
    }

    /// <summary>Sets the cells of the row at hand, behind other parameters.</summary>
    public static void Set(RowWriter writer, int before, IReadOnlyList<PlannedColumn> columns, EvaluatedRow row)
    {
        for (var column = 0; column < columns.Count; column++)
        {
            var parameter = before + column + 1;
            var cell = row.Cells[column];
            if (cell.HasValue)
            {
                Set(writer, parameter, columns[column].Stored.Type, cell, row);
            }
            else
            {
                writer.SetNull(parameter);
            }
        }
    }

    /// <summary>Sets the words by which a row is searched.</summary>
    public static void SetWords(RowWriter writer, int parameter, IReadOnlyCollection<string> words) =>
        writer.SetText(parameter, words.Count == 0 ? " "u8 : Encoding.UTF8.GetBytes(string.Join(' ', words)));

    private static void Set(RowWriter writer, int parameter, ColumnType type, TypedCell cell, EvaluatedRow row)
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
                SetNumber(writer, parameter, cell.Number);
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

    private static void SetNumber(RowWriter writer, int parameter, decimal number)
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
