using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>The documents of an item and what became of them: the cells and the issues. Used again for the next item.</summary>
/// <remarks>All text is in one run of bytes, most of it where its document has it, so that a row allocates nothing.</remarks>
internal sealed class EvaluatedRow
{
    private readonly int columns;
    private readonly Utf8Sink bytes;
    private readonly Utf8Sink hashed = new(1 << 12);
    private readonly List<(int Start, int Length)> elements = [];
    private readonly List<CellIssue> issues = [];
    private TypedCell[] cells;
    private int first;

    public EvaluatedRow(int columns)
        : this(columns, new(1 << 14))
    {
    }

    private EvaluatedRow(int columns, Utf8Sink bytes)
    {
        this.columns = columns;
        this.bytes = bytes;
        cells = new TypedCell[columns];
    }

    public short Bucket { get; private set; }

    public int Item { get; private set; }

    public Span<TypedCell> Cells => cells.AsSpan(first, columns);

    public IReadOnlyList<CellIssue> Issues => issues;

    /// <summary>The text of the whole key in UTF-8; null if the table is by item, or the item has no row.</summary>
    public string? Key { get; set; }

    public int ElementCount => elements.Count;

    /// <summary>How many bytes the item's documents and cells take.</summary>
    public int Size => bytes.Length;

    public void Begin(short bucket, int item)
    {
        (Bucket, Item, Key) = (bucket, item, null);
        bytes.Clear();
        elements.Clear();
        issues.Clear();
        Array.Clear(cells);
    }

    /// <summary>Rows of a child table, whose text is among the bytes of this one.</summary>
    public EvaluatedRow Beside(int columns) => new(columns, bytes);

    /// <summary>Begins the child rows of the next item; the parent has cleared the bytes.</summary>
    public void BeginRows()
    {
        first = 0;
        elements.Clear();
        issues.Clear();
    }

    /// <summary>Begins a child row, and makes it the one at hand.</summary>
    public void Begin(int row)
    {
        if ((row + 1) * columns > cells.Length)
        {
            Array.Resize(ref cells, (row + 1) * columns * 2);
        }

        Select(row);
        Cells.Clear();
    }

    /// <summary>Makes a child row that has begun the one at hand.</summary>
    public void Select(int row) => first = row * columns;

    /// <summary>Where a document's bytes are to be written; they count once <see cref="Loaded"/> is called.</summary>
    public Span<byte> Room(int length) => bytes.Reserve(length)[..length];

    /// <summary>Returns where the document begins.</summary>
    public int Loaded(int length)
    {
        bytes.Advance(length);
        return bytes.Length - length;
    }

    /// <summary>Finds places in a document of the row, and in strings of it that hold JSON.</summary>
    /// <param name="places">The places.</param>
    /// <param name="start">Where the document begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="found">A slice for each of the places' slots, none found yet.</param>
    /// <param name="entersTexts">False if the document stands in a string itself.</param>
    public void Find(JsonPointerSet places, int start, int length, JsonSlice[] found, bool entersTexts = true)
    {
        places.Find(Bytes((start, length)), start, found);

        // From the innermost on: what is found in a string is not entered again.
        for (var text = places.Texts - 1; text >= 0 && entersTexts; text--)
        {
            if (found[places.SlotOf(text)] is { IsFound: true } slice && TryEnter(slice, out var inner))
            {
                places.FindWithin(text, Bytes(inner), inner.Start, found);
            }
        }
    }

    public ReadOnlySpan<byte> Bytes(JsonSlice value) => bytes.Written.Slice(value.Start, value.Length);

    public ReadOnlySpan<byte> Bytes((int Start, int Length) part) => bytes.Written.Slice(part.Start, part.Length);

    public ReadOnlySpan<byte> Bytes(TypedCell cell) => bytes.Written.Slice(cell.Start, cell.Length);

    public ReadOnlySpan<byte> Element(TypedCell list, int number) => Bytes(elements[list.Start + number]);

    public string[] Texts(TypedCell list)
    {
        var texts = new string[list.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Encoding.UTF8.GetString(Element(list, i));
        }

        return texts;
    }

    /// <summary>The text of a string without quotes and escapes; any other JSON in its own notation.</summary>
    public (int Start, int Length) ContentOf(JsonSlice value)
    {
        if (value.Type != JsonTokenType.String)
        {
            return (value.Start, value.Length);
        }

        if (!value.Escaped)
        {
            return (value.Start + 1, value.Length - 2);
        }

        // Unescaped text is never longer. The room is made first, because it may move the bytes.
        var room = bytes.Reserve(value.Length);
        var reader = new Utf8JsonReader(Bytes(value));
        reader.Read();
        var length = reader.CopyString(room);
        return (Loaded(length), length);
    }

    /// <summary>The JSON that a string holds, brought through the gate as if it had come without the string around it.</summary>
    /// <returns>False if it holds no object and no array.</returns>
    public bool TryEnter(JsonSlice text, out JsonSlice inner)
    {
        inner = default;
        var content = CellText.Trimmed(Bytes(ContentOf(text)));
        if (content.IsEmpty || content[0] is not ((byte)'{' or (byte)'['))
        {
            return false;
        }

        var start = bytes.Length;
        var type = content[0] == '{' ? JsonTokenType.StartObject : JsonTokenType.StartArray;
        if (JsonGate.Default.Append(content, bytes) is not null)
        {
            return false;
        }

        inner = new(start, bytes.Length - start, type, Escaped: false);
        return true;
    }

    /// <summary>Puts a text of its own beside the documents.</summary>
    public (int Start, int Length) Append(string text)
    {
        var length = Encoding.UTF8.GetBytes(text, bytes.Reserve(Encoding.UTF8.GetMaxByteCount(text.Length)));
        return (Loaded(length), length);
    }

    public TypedCell ListOf((int Start, int Length) element)
    {
        elements.Add(element);
        return TypedCell.OfList(elements.Count - 1, 1);
    }

    public void AddElement((int Start, int Length) element) => elements.Add(element);

    public void RemoveElements(int first) => elements.RemoveRange(first, elements.Count - first);

    public void Add(CellIssue issue) => issues.Add(issue);

    public bool AreEqual(ColumnType type, TypedCell one, TypedCell other) => type switch
    {
        ColumnType.Text or ColumnType.Json => Bytes(one).SequenceEqual(Bytes(other)),
        ColumnType.TextList => one.Length == other.Length
            && Enumerable.Range(0, one.Length).All(i => Element(one, i).SequenceEqual(Element(other, i))),
        _ => one.Whole == other.Whole && one.Length == other.Length && one.Number == other.Number,
    };

    /// <summary>The same for equal cells.</summary>
    public int HashOf(ColumnType type, TypedCell cell)
    {
        var hash = new HashCode();
        switch (type)
        {
            case ColumnType.Text or ColumnType.Json:
                hash.AddBytes(Bytes(cell));
                break;
            case ColumnType.TextList:
                for (var i = 0; i < cell.Length; i++)
                {
                    hash.AddBytes(Element(cell, i));
                    hash.Add(i);
                }

                break;
            default:
                hash.Add((cell.Whole, cell.Length, cell.Number));
                break;
        }

        return hash.ToHashCode();
    }

    /// <summary>Texts by their bytes, everything else by its value.</summary>
    public int Compare(ColumnType type, TypedCell one, TypedCell other) => type switch
    {
        ColumnType.Text => Bytes(one).SequenceCompareTo(Bytes(other)),
        ColumnType.Number => one.Number.CompareTo(other.Number),
        _ => one.Whole.CompareTo(other.Whole),
    };

    /// <summary>A list of the elements of several, each once, in their order.</summary>
    public TypedCell Union(IEnumerable<TypedCell> lists)
    {
        var first = elements.Count;
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            for (var i = 0; i < list.Length; i++)
            {
                if (known.Add(Encoding.UTF8.GetString(Element(list, i))))
                {
                    elements.Add(elements[list.Start + i]);
                }
            }
        }

        return TypedCell.OfList(first, elements.Count - first);
    }

    /// <summary>How much of the row is used, to be given back by <see cref="Rewind"/>.</summary>
    public (int Bytes, int Elements) Mark => (bytes.Length, elements.Count);

    /// <summary>Takes back the texts and elements since a mark.</summary>
    public void Rewind((int Bytes, int Elements) mark)
    {
        bytes.Rewind(mark.Bytes);
        RemoveElements(mark.Elements);
    }

    /// <summary>Eight bytes that tell this row from another: of equal ones, nothing has to be written.</summary>
    /// <param name="plan">The columns.</param>
    /// <param name="origin">Where the cells are from.</param>
    /// <param name="children">The child tables, whose rows belong to it.</param>
    public long Hash(IReadOnlyList<PlannedColumn> plan, ReadOnlySpan<byte> origin, ChildRows[] children)
    {
        hashed.Clear();
        Append(plan);
        AppendText(origin);
        foreach (var rows in children)
        {
            AppendNumber(rows.Written.Count);
            foreach (var row in rows.Written)
            {
                AppendNumber((long)(row.Key >> 64));
                AppendNumber((long)row.Key);
                AppendNumber(row.Twin);
                AppendNumber((long)(row.Content >> 64));
                AppendNumber((long)row.Content);
            }
        }

        return (long)(Digest() >> 64);
    }

    /// <summary>Sixteen bytes that tell the row at hand from another.</summary>
    public UInt128 Content(IReadOnlyList<PlannedColumn> plan)
    {
        hashed.Clear();
        Append(plan);
        return Digest();
    }

    /// <summary>Sixteen bytes that are the same for rows that are equal in these columns.</summary>
    /// <param name="plan">The columns.</param>
    /// <param name="places">The places of those that count.</param>
    public UInt128 Identity(IReadOnlyList<PlannedColumn> plan, int[] places)
    {
        hashed.Clear();
        foreach (var place in places)
        {
            var cell = Cells[place];
            if (plan[place].Stored.Type == ColumnType.Number && cell.HasValue)
            {
                // 2.5 and 2.50 are one value: what is computed may have zeros at its end.
                hashed.Append((byte)1);
                AppendText(Encoding.ASCII.GetBytes(CellNumber.Format(cell.Number)));
            }
            else
            {
                Append(plan[place], cell);
            }
        }

        return Digest();
    }

    private void Append(IReadOnlyList<PlannedColumn> plan)
    {
        for (var column = 0; column < plan.Count; column++)
        {
            Append(plan[column], Cells[column]);
        }
    }

    private void Append(PlannedColumn column, TypedCell cell)
    {
        hashed.Append(cell.HasValue ? (byte)1 : (byte)0);
        if (cell.HasValue)
        {
            Append(column.Stored.Type, cell);
        }
    }

    private UInt128 Digest()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hashed.Written, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private void Append(ColumnType type, TypedCell cell)
    {
        switch (type)
        {
            case ColumnType.Text or ColumnType.Json:
                AppendText(Bytes(cell));
                break;
            case ColumnType.TextList:
                AppendNumber(cell.Length);
                for (var i = 0; i < cell.Length; i++)
                {
                    AppendText(Element(cell, i));
                }

                break;
            case ColumnType.Number:
                Span<int> parts = stackalloc int[4];
                decimal.GetBits(cell.Number, parts);
                foreach (var part in parts)
                {
                    AppendNumber(part);
                }

                break;
            default:
                AppendNumber(cell.Whole);
                break;
        }
    }

    private void AppendText(ReadOnlySpan<byte> text)
    {
        AppendNumber(text.Length);
        hashed.Append(text);
    }

    private void AppendNumber(long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(hashed.Reserve(sizeof(long)), number);
        hashed.Advance(sizeof(long));
    }
}
