using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Querying;

/// <summary>
/// The order of a walk over pages, and the rows of it that follow a place. A row follows by one of several ways: it is equal in some sort
/// keys and beyond in the next, or has no value there, or is equal in all and beyond in the file.
/// </summary>
/// <param name="statement">Binds the values of the place.</param>
/// <param name="keys">The order, without the row's place in the file.</param>
/// <param name="after">The place; null for the first page.</param>
internal sealed class PageWalk(QueryStatement statement, IReadOnlyList<SortKey> keys, PageCursor? after)
{
    private ProjectionDialect Dialect => statement.Dialect;

    private bool IsBack => after is { IsBack: true };

    // Descending is the ascending order read backwards, so that one index has both. Only rows without a value stay last.
    private bool IsFileBack => IsBack != (keys.Count > 0 && keys[^1].Descending);

    /// <summary>The order of all rows.</summary>
    public string Order => string.Join(", ", keys.Select(Ordered).Concat(File));

    private IEnumerable<string> File => IsFileBack ? ["t.batch desc", "t.item desc"] : ["t.batch", "t.item"];

    /// <summary>Of the rows that a condition finds, those that follow.</summary>
    public string Following(string where) =>
        after is null ? where : $"{where}\n   and ({string.Join(" or ", Ways(after).Select(way => $"({way.Condition})"))})";

    /// <summary>
    /// The first rows that follow, by an index of the first sort key: each way is a part of the index, read in its order and no further
    /// than a page.
    /// </summary>
    /// <param name="table">The table <c>t</c>.</param>
    /// <param name="where">Which of its rows.</param>
    public string ByIndex(string table, string where) => string.Join("\nunion all\n", (after is null ? Ways() : Ways(after)).Select(way =>
        $"""
        select *
          from (select t.*
                  from {table}
                 where {where}
                   and {way.Condition}
                 order by {string.Join(", ", Ordered(way).Concat(File))}
                 limit @limit) w
        """));

    // Where each row has a value or none has, the stores' own place of nulls is that of an index.
    private IEnumerable<string> Ordered(Way way) => keys
        .Where((key, index) => index >= way.Equal || (Dialect.SortsNulls && way.Nulls.Contains(key)))
        .Select(key => key.IsIndexed ? $"{Sql(key)} {Direction(key)}" : Ordered(key));

    private string Ordered(SortKey key) => $"{Sql(key)} {Direction(key)} nulls {(IsBack ? "first" : "last")}";

    private string Direction(SortKey key) => key.Descending != IsBack ? "desc" : "asc";

    private string Sql(SortKey key) => Dialect.Comparable(key.Sql, key.Type);

    private IEnumerable<Way> Ways()
    {
        yield return new(Dialect.HasValue(Sql(keys[0]), keys[0].Type), 0, []);
        yield return new($"{keys[0].Sql} is null", 1, [keys[0]]);
    }

    private IEnumerable<Way> Ways(PageCursor place)
    {
        var (equal, nulls) = ("", new List<SortKey>());
        foreach (var (index, (key, value)) in keys.Zip(place.Keys).Index())
        {
            var bound = value is null ? "" : statement.Bind(value, key.Type);
            if (value is not null)
            {
                yield return new($"{equal}{Sql(key)} {(key.Descending != IsBack ? "<" : ">")} {bound}", index, [.. nulls]);
            }

            if (value is null && IsBack)
            {
                yield return new($"{equal}{Dialect.HasValue(Sql(key), key.Type)}", index, [.. nulls]);
            }
            else if (value is not null && !IsBack)
            {
                yield return new($"{equal}{key.Sql} is null", index + 1, [.. nulls, key]);
            }

            equal += $"{(value is null ? $"{key.Sql} is null" : $"{Sql(key)} = {bound}")} and ";
            nulls.AddRange(value is null ? [key] : []);
        }

        var (batch, item) = (statement.Bind((long)place.Batch, ColumnType.Integer), statement.Bind((long)place.Item, ColumnType.Integer));
        yield return new($"{equal}(t.batch, t.item) {(IsFileBack ? "<" : ">")} ({batch}, {item})", keys.Count, nulls);
    }

    /// <summary>One way by which rows follow.</summary>
    /// <param name="Condition">Which rows.</param>
    /// <param name="Equal">How many of the keys are the same in all of them.</param>
    /// <param name="Nulls">Which of these keys are null.</param>
    private sealed record Way(string Condition, int Equal, IReadOnlyList<SortKey> Nulls);
}
