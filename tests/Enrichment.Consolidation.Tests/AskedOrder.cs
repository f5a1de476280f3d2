namespace Enrichment.Consolidation.Tests;

/// <summary>A random order of rows, and how it sorts rows that were read.</summary>
internal sealed record AskedOrder((string Column, bool Descending)[] Columns)
{
    private static readonly string[] Sortable = ["name", "n", "x", "flag", "value", "since", "order", "size", "is_new"];

    public static AskedOrder Random(Random random) =>
        new([.. random.GetItems(Sortable, random.Next(4)).Distinct().Select(column => (column, random.Next(2) == 0))]);

    public ProjectionQuery Of(ProjectionQuery query) =>
        Columns.Aggregate(query, (sorted, key) => sorted.OrderBy(key.Column, key.Descending));

    /// <summary>Sorts rows that are in the order of the file.</summary>
    public IEnumerable<AskedRow> Sort(IEnumerable<AskedRow> rows) =>
        (Columns is [.., { Descending: true }] ? rows.Reverse() : rows).OrderBy(row => row, Comparer<AskedRow>.Create(Compare));

    public override string ToString() => string.Join(", ", Columns);

    private int Compare(AskedRow one, AskedRow other)
    {
        foreach (var (column, descending) in Columns)
        {
            var compared = (one[column], other[column]) switch
            {
                (null, null) => 0,
                (null, _) => 1,
                (_, null) => -1,
                var (a, b) => Compare(column, a, b) * (descending ? -1 : 1),
            };
            if (compared != 0)
            {
                return compared;
            }
        }

        return 0;
    }

    private static int Compare(string column, object one, object other) => column switch
    {
        "name" => AskedLeads.Compare(Beginning((string)one), Beginning((string)other)),
        "size" => Array.IndexOf(AskedLeads.Labels, (string)one).CompareTo(Array.IndexOf(AskedLeads.Labels, (string)other)),
        "since" => AskedCondition.Span((string)one).CompareTo(AskedCondition.Span((string)other)),
        _ => ((IComparable)one).CompareTo(other),
    };

    private static string Beginning(string text) => string.Concat(text.EnumerateRunes().Take(100));
}
