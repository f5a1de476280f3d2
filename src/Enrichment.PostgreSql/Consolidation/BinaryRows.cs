using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>Rows in the binary form of COPY, in which the server reads each type without parsing text.</summary>
/// <remarks>Bytes go from the documents to the server's form without an object between them: there may be millions of rows.</remarks>
internal sealed class BinaryRows
{
    private const int EngineColumns = 6;
    private const int ChildEngineColumns = 7;
    private const int TextOid = 25;
    private const int BaseOfDigits = 10_000;
    private const short Negative = 0x4000;
    private static readonly int FirstDay = new DateOnly(2000, 1, 1).DayNumber;
    private static readonly long FirstInstant = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly ArrayBufferWriter<byte> bytes = new(1 << 16);

    /// <summary>What comes before the rows: the signature, no flags, no extension.</summary>
    public static ReadOnlyMemory<byte> Head { get; } =
        new byte[] { (byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', 0x0A, 0xFF, 0x0D, 0x0A, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

    /// <summary>What comes after the rows.</summary>
    public static ReadOnlyMemory<byte> Tail { get; } = new byte[] { 0xFF, 0xFF };

    public int Length => bytes.WrittenCount;

    public ReadOnlyMemory<byte> Written => bytes.WrittenMemory;

    public void Clear() => bytes.ResetWrittenCount();

    public void Add(RowEvaluator evaluator, PlannedBatch batch)
    {
        var (row, columns) = (evaluator.Row, evaluator.Plan.Written);
        var isSearched = evaluator.Plan.Projection.AreItemsSearched;
        Begin(columns.Count + (isSearched ? 1 : 0), evaluator.RowBucket, batch.Client, batch.Key, row.Item);
        Int(sizeof(long));
        Long(evaluator.RowHash);
        Text(evaluator.Origin);
        Add(columns, row);
        if (isSearched)
        {
            Add(evaluator.Words);
        }
    }

    public void Add(FoldedCells cells, int client, int batch)
    {
        Begin(cells.Columns.Count + (cells.IsSearched ? 1 : 0), cells.Row.Bucket, client, batch, cells.Row.Item);
        Int(sizeof(long));
        Long(cells.Hash);
        Text(cells.Origin);
        Add(cells.Columns, cells.Row);
        if (cells.IsSearched)
        {
            Add(cells.Words);
        }
    }

    // A text-search vector: how many words, then each with the end of a C string, and no places.
    private void Add(IReadOnlyCollection<string> words)
    {
        Int(sizeof(int) + words.Sum(word => Encoding.UTF8.GetByteCount(word) + 1 + sizeof(short)));
        Int(words.Count);
        foreach (var word in words)
        {
            bytes.Advance(Encoding.UTF8.GetBytes(word, bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(word.Length))));
            bytes.GetSpan(1)[0] = 0;
            bytes.Advance(1);
            Short(0);
        }
    }

    private void Begin(int columns, short bucket, int client, int batch, int item)
    {
        Short((short)(EngineColumns + columns));
        Int(sizeof(short));
        Short(bucket);
        Int(sizeof(int));
        Int(client);
        Int(sizeof(int));
        Int(batch);
        Int(sizeof(int));
        Int(item);
    }

    public void Add(ChildRows rows, PlannedBatch batch, short bucket, int item)
    {
        foreach (var row in rows.Written)
        {
            rows.Row.Select(row.Place);
            Short((short)(ChildEngineColumns + rows.Plan.Columns.Count));
            Int(sizeof(short));
            Short(bucket);
            Int(sizeof(int));
            Int(batch.Client);
            Int(sizeof(int));
            Int(batch.Key);
            Int(sizeof(int));
            Int(item);
            Int(ChildKey.Size);
            Long((long)(row.Key >> 64));
            Long((long)row.Key);
            Int(sizeof(int));
            Int(row.Twin);
            Int(sizeof(long));
            Long(row.Hash);
            Add(rows.Plan.Columns, rows.Row);
        }
    }

    private void Add(IReadOnlyList<PlannedColumn> columns, EvaluatedRow row)
    {
        for (var column = 0; column < columns.Count; column++)
        {
            var cell = row.Cells[column];
            if (cell.HasValue)
            {
                Add(columns[column].Stored.Type, cell, row);
            }
            else
            {
                Int(-1);
            }
        }
    }

    private void Add(ColumnType type, TypedCell cell, EvaluatedRow row)
    {
        switch (type)
        {
            case ColumnType.Text or ColumnType.Json:
                Text(row.Bytes(cell));
                break;
            case ColumnType.Integer:
                Int(sizeof(long));
                Long(cell.Whole);
                break;
            case ColumnType.Number:
                Number(cell.Number);
                break;
            case ColumnType.Boolean:
                Int(1);
                bytes.Write([(byte)cell.Whole]);
                break;
            case ColumnType.Date:
                Int(sizeof(int));
                Int((int)cell.Whole - FirstDay);
                break;
            case ColumnType.Timestamp:
                Int(sizeof(long));
                Long((cell.Whole - FirstInstant) / TimeSpan.TicksPerMicrosecond);
                break;
            case ColumnType.TextList:
                List(cell, row);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "No such type.");
        }
    }

    // A text and a run of bytes have one form.
    private void Text(ReadOnlySpan<byte> text)
    {
        Int(text.Length);
        bytes.Write(text);
    }

    /// <summary>Groups of four decimal digits around the point, without zeros at either end.</summary>
    private void Number(decimal number)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(number, parts);
        var scale = number.Scale;
        var rest = new UInt128((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        for (var missing = scale; missing % 4 != 0; missing++)
        {
            rest *= 10;
        }

        Span<short> groups = stackalloc short[16];
        var (count, behind) = (0, (scale + 3) / 4);
        for (; rest != 0; rest /= BaseOfDigits)
        {
            groups[count++] = (short)(rest % BaseOfDigits);
        }

        var zeros = 0;
        while (zeros < count && groups[zeros] == 0)
        {
            zeros++;
        }

        Int((count - zeros + 4) * sizeof(short));
        Short((short)(count - zeros));
        Short((short)(count == 0 ? 0 : count - behind - 1)); // the power of the first group
        Short(number < 0 ? Negative : (short)0);
        Short(scale);
        for (var group = count - 1; group >= zeros; group--)
        {
            Short(groups[group]);
        }
    }

    private void List(TypedCell list, EvaluatedRow row)
    {
        var dimensions = list.Length == 0 ? 0 : 1;
        var size = (3 + (2 * dimensions)) * sizeof(int);
        for (var i = 0; i < list.Length; i++)
        {
            size += sizeof(int) + row.Element(list, i).Length;
        }

        Int(size);
        Int(dimensions);
        Int(0);
        Int(TextOid);
        if (dimensions > 0)
        {
            Int(list.Length);
            Int(1);
        }

        for (var i = 0; i < list.Length; i++)
        {
            Text(row.Element(list, i));
        }
    }

    private void Short(short value)
    {
        BinaryPrimitives.WriteInt16BigEndian(bytes.GetSpan(sizeof(short)), value);
        bytes.Advance(sizeof(short));
    }

    private void Int(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes.GetSpan(sizeof(int)), value);
        bytes.Advance(sizeof(int));
    }

    private void Long(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(sizeof(long)), value);
        bytes.Advance(sizeof(long));
    }
}
