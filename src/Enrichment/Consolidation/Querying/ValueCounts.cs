using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Querying;

/// <summary>Counts the values of a column while the rows are read.</summary>
/// <param name="dialect">Reads values.</param>
/// <param name="stored">Reads cells as they are stored.</param>
/// <param name="group">The column.</param>
internal sealed class ValueCounts(ProjectionDialect dialect, StoredCell stored, FacetGroup group)
{
    // More would not fit into memory beside other columns; nobody chooses among so many.
    private const int MostValues = 50_000;

    private readonly Dictionary<byte[], Count> counts = new(ByteEquality.Instance);
    private readonly byte[] room = new byte[2 * sizeof(long)];
    private long missing;

    /// <summary>Whether the column has too many values to be counted so. Then it is counted by the database.</summary>
    public bool IsFull => counts.Count > MostValues;

    /// <summary>Takes the row at hand.</summary>
    public void Add(DbDataReader reader)
    {
        if (IsFull)
        {
            return;
        }

        // A value has one form in the database: by that it is told from others, and read when it is met first.
        var first = stored(reader, group.First, room);
        if (first.IsEmpty && reader.IsDBNull(group.First))
        {
            missing++;
        }
        else if (group.Cells.Count == 1)
        {
            Add(reader, first);
        }
        else
        {
            Add(reader, [.. first, 0, .. stored(reader, group.First + 1, room.AsSpan(sizeof(long)))]);
        }
    }

    private void Add(DbDataReader reader, ReadOnlySpan<byte> key)
    {
        ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(counts.GetAlternateLookup<ReadOnlySpan<byte>>(), key);
        if (!Unsafe.IsNullRef(ref known))
        {
            known.Rows++;
            return;
        }

        var ordinal = group.First;
        counts.Add(key.ToArray(), new()
        {
            First = reader.GetValue(group.First),
            Last = group.Cells.Count == 1 ? "" : reader.GetValue(group.First + 1),
            Value = dialect.Read(reader, ref ordinal, group.Column.Column)!,
            Rows = 1,
        });
    }

    /// <summary>The most frequent values; of equally frequent ones the least come first, as in a database.</summary>
    public Facet Facet(int limit)
    {
        FacetValue[] values =
        [
            .. counts.Values
                .OrderByDescending(count => count.Rows)
                .ThenBy(count => count, Comparer<Count>.Create(Compare))
                .Take(limit)
                .Select(count => new FacetValue(count.Value, count.Rows)),
        ];
        return new(group.Column.Name, values, counts.Values.Sum(count => count.Rows) - values.Sum(value => value.Rows), missing);
    }

    private int Compare(Count one, Count other) => group.Column.Type == ColumnType.Number
        ? ((decimal)one.Value).CompareTo((decimal)other.Value)
        : Compare(one.First, other.First) is var first and not 0 ? first : Compare(one.Last, other.Last);

    private static int Compare(object one, object other) => (one, other) is (string a, string b)
        ? Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))
        : ((IComparable)one).CompareTo(other);

    /// <summary>A value, its cells as the database gives them, and how many rows have it.</summary>
    private struct Count
    {
        public required object First { get; init; }

        public required object Last { get; init; }

        public required object Value { get; init; }

        public long Rows { get; set; }
    }

    private sealed class ByteEquality : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly ByteEquality Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
