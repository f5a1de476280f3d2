using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Querying;

namespace Enrichment.Consolidation.Tables;

/// <content>What queries need: rows of one client, values in an order that both stores share, counts of values.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>A value in the form in which it is compared and sorted: texts by bytes, numbers by what they are.</summary>
    public abstract string Comparable(string value, ColumnType type);

    /// <summary>A value as a parameter that is compared with <see cref="Comparable"/>.</summary>
    public abstract object Bound(object value, ColumnType type);

    /// <summary>A parameter of <see cref="Bound"/> in SQL.</summary>
    public virtual string Place(string parameter, ColumnType type) => parameter;

    /// <summary>That a text contains another in any case, which <see cref="Part"/> has made a parameter.</summary>
    public abstract string Contains(string text, string part);

    /// <summary>What is searched for, as <see cref="Contains"/> takes it.</summary>
    public abstract string Part(string text);

    /// <summary>The elements of a list as rows, whose column is <c>value</c>.</summary>
    public abstract string Elements(string list, string alias);

    /// <summary>The rows of <c>@client</c> in a version's table <c>t</c>; in which buckets comes on top.</summary>
    public string OfClient(TableVersion version) =>
        $"t.client = (select c.client from {Table("clients")} c where c.slug = @client) and {Visible(version, "t")}";

    /// <summary>That a row <c>t</c> is in any bucket, for a key that begins with it.</summary>
    public static string InAnyBucket { get; } = $"t.bucket in ({EveryBucket})";

    /// <summary>The first <c>@limit</c> rows <c>t</c> of a version's table in an order.</summary>
    /// <param name="version">Whose table.</param>
    /// <param name="reach">How rows of any bucket are reached.</param>
    /// <param name="where">Which rows.</param>
    /// <param name="order">By what.</param>
    public virtual string First(TableVersion version, string reach, string where, string order) =>
        $"select t.* from {Table(version.Table)} t where {reach} and {where} order by {order} limit @limit";

    /// <summary>The same in the order of the file, or from its end: by batch and item.</summary>
    /// <inheritdoc cref="First"/>
    public virtual string FirstOfFile(TableVersion version, string reach, string where, string order) =>
        First(version, reach, where, order);

    /// <summary>That the item of a row has at least one row <c>c</c> in a child table that satisfies a condition.</summary>
    public string AnyChild(TableVersion version, int child, string condition) =>
        $"""
        exists (select 1
                  from {Table(version.ChildTable(child))} c
                 where {(version.IsKeyed ? $"c.bucket in ({EveryBucket})" : "c.bucket = t.bucket")} and c.client = t.client and c.batch = t.batch and c.item = t.item
                   and {condition})
        """;

    /// <summary>
    /// For each group its most frequent values: the group's mark, how many rows have the value, how many the group has in all, and the
    /// cells of all groups, of which those of others are null. Rows without a value come first, and <c>@limit</c> rows are read of a group.
    /// </summary>
    /// <param name="rows">A statement that gives the cells.</param>
    /// <param name="groups">The columns.</param>
    public string CountValues(string rows, IReadOnlyList<FacetGroup> groups)
    {
        string[] cells = [.. groups.SelectMany(group => group.Cells)];
        var missing = string.Join(" or ", groups.Select(group => $"g.mark = {Mark(group, cells.Length)} and g.{group.Cells[0]} is null"));
        var order = string.Join(", ", groups.SelectMany(group => group.Cells.Select(cell => Comparable($"g.{cell}", group.Column.StoredType == ColumnType.TextList ? ColumnType.Text : group.Column.StoredType))));
        return
            $"""
            select g.mark, g.n, g.total, {string.Join(", ", cells.Select(cell => $"g.{cell}"))}
              from (select g.*,
                           row_number() over (partition by g.mark order by case when {missing} then 0 else 1 end, g.n desc, {order}) as place,
                           cast(sum(g.n) over (partition by g.mark) as bigint) as total
                      from ({CountEach(rows, groups, cells)}) g) g
             where g.place <= @limit
             order by g.mark, g.place
            """;
    }

    /// <summary>
    /// How cells are read to count values of several columns in one scan. Null of a store that groups by several columns in one scan
    /// itself.
    /// </summary>
    public virtual StoredCell? StoredCell => null;

    /// <summary>The mark of a group: a bit for each cell that is not of the group, the first cell's the highest.</summary>
    public static int Mark(FacetGroup group, int cells)
    {
        var mark = (1 << cells) - 1;
        for (var cell = group.First; cell < group.First + group.Cells.Count; cell++)
        {
            mark &= ~(1 << (cells - 1 - cell));
        }

        return mark;
    }

    /// <summary>For each group how many rows have each of its values, unordered: mark, cells, <c>n</c>.</summary>
    protected abstract string CountEach(string rows, IReadOnlyList<FacetGroup> groups, IReadOnlyList<string> cells);
}
