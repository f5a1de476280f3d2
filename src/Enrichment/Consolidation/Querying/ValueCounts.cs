using System.Data.Common;
using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Querying;

/// <summary>Counts the values of a column while the rows are read.</summary>
internal sealed class ValueCounts(ProjectionDialect dialect, FacetGroup group)
{
    // More would not fit into memory beside other columns; nobody chooses among so many.
    private const int MostValues = 50_000;

    private readonly Dictionary<(object First, object Last), (object Value, long Rows)> counts = [];
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

        if (reader.IsDBNull(group.First))
        {
            missing++;
            return;
        }

        // A value has one form in the database: by that it is told from others, and read when it is met first.
        var key = (reader.GetValue(group.First), group.Cells.Count == 1 ? "" : reader.GetValue(group.First + 1));
        if (counts.TryGetValue(key, out var known))
        {
            counts[key] = (known.Value, known.Rows + 1);
        }
        else
        {
            var ordinal = group.First;
            counts.Add(key, (dialect.Read(reader, ref ordinal, group.Column.Column)!, 1));
        }
    }

    /// <summary>The most frequent values; of equally frequent ones the least come first, as in a database.</summary>
    public Facet Facet(int limit)
    {
        FacetValue[] values =
        [
            .. counts
                .OrderByDescending(count => count.Value.Rows)
                .ThenBy(count => count, Comparer<KeyValuePair<(object First, object Last), (object Value, long Rows)>>.Create(Compare))
                .Take(limit)
                .Select(count => new FacetValue(count.Value.Value, count.Value.Rows)),
        ];
        return new(group.Column.Name, values, counts.Values.Sum(count => count.Rows) - values.Sum(value => value.Rows), missing);
    }

    private int Compare(
        KeyValuePair<(object First, object Last), (object Value, long Rows)> one,
        KeyValuePair<(object First, object Last), (object Value, long Rows)> other) => group.Column.Type == ColumnType.Number
        ? ((decimal)one.Value.Value).CompareTo((decimal)other.Value.Value)
        : Compare(one.Key.First, other.Key.First) is var first and not 0 ? first : Compare(one.Key.Last, other.Key.Last);

    private static int Compare(object one, object other) => (one, other) is (string a, string b)
        ? Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))
        : ((IComparable)one).CompareTo(other);
}
