using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Querying;

/// <summary>A statement that is made for a query of a live table: its columns, its parameters, its SQL.</summary>
/// <remarks>Every statement reads rows of one client: that of the query.</remarks>
internal sealed partial class QueryStatement
{
    private const int MostValues = 1_000;

    // A cursor carries so much of a text; rows that have it alike follow in the order of the file.
    private const int SortedCharacters = 100;

    private readonly TableVersion version;
    private readonly DateOnly asOf;

    public QueryStatement(ProjectionDialect dialect, TableVersion version, string client, DateOnly asOf)
    {
        Dialect = dialect;
        this.version = version;
        this.asOf = asOf;
        Values["client"] = client;
        Column = Find;
    }

    public ProjectionDialect Dialect { get; }

    /// <summary>The statement's parameters by name.</summary>
    public Dictionary<string, object> Values { get; } = [];

    /// <summary>Finds a column of the table.</summary>
    public Func<string, QueriedColumn> Column { get; }

    private IReadOnlyList<ProjectionColumn> Columns => version.Projection.Columns;

    /// <summary>Makes a value a parameter, and gives its place in the statement.</summary>
    public string Bind(object value, ColumnType type)
    {
        if (Values.Count > MostValues)
        {
            throw new EnrichmentException($"The query compares with more than {MostValues:n0} values. Give fewer.");
        }

        var name = FormattableString.Invariant($"p{Values.Count}");
        Values.Add(name, Dialect.Bound(value, type));
        return Dialect.Place($"@{name}", type);
    }

    /// <summary>That at least one row of a child table satisfies a condition on its columns.</summary>
    public string AnyChild(string name, Func<Func<string, QueriedColumn>, string> condition)
    {
        var place = version.Projection.ChildNamed(name);
        var child = version.Projection.Children[place];
        return Dialect.AnyChild(version, place, condition(column => Find(column, child.Visible, "c", child.Name)));
    }

    /// <summary>The rows that a query asks for, as what follows <c>where</c>.</summary>
    public string Where(IEnumerable<Condition> terms, Guid? batch)
    {
        var conditions = new List<string> { Dialect.OfClient(version) };
        if (batch is { } one)
        {
            Values["batch"] = Dialect.Id(one);
            conditions.Add($"t.batch = (select b.batch from {Dialect.Table("batches")} b where b.id = @batch)");
        }

        var sql = new ConditionSql(this);
        return string.Join("\n   and ", conditions.Concat(terms.Select(sql.Of)));
    }

    /// <summary>The order of a query, without the row's place in the file.</summary>
    public IReadOnlyList<SortKey> Order(IEnumerable<(string Column, bool Descending)> sort)
    {
        var keys = new List<SortKey>();
        foreach (var (name, descending) in sort)
        {
            var column = Column(name);
            if (column.Type is ColumnType.TextList or ColumnType.Json)
            {
                throw new EnrichmentException($"{column.Named}, by which rows cannot be sorted. Sort by a column of another type.");
            }

            keys.AddRange(column.Cells.Select(cell => new SortKey(
                column.Type == ColumnType.Text ? FormattableString.Invariant($"substr({cell}, 1, {SortedCharacters})") : cell,
                column.StoredType,
                descending)));
        }

        return keys;
    }

    /// <summary>Rows with the values of all columns, then batch and sort keys. <c>@limit</c> comes on top.</summary>
    /// <param name="where">From <see cref="Where"/>.</param>
    /// <param name="keys">The order.</param>
    /// <param name="after">The place after which the page begins; before which it ends, if the cursor goes back.</param>
    public string Page(string where, IReadOnlyList<SortKey> keys, PageCursor? after)
    {
        var isBack = after is { IsBack: true };
        string[] file = isBack ? ["t.batch desc", "t.item desc"] : ["t.batch", "t.item"];
        var order = string.Join(", ", keys.Select(key => Ordered(key, isBack)).Concat(file));
        var beyond = after is null ? where : $"{where}\n   and {Beyond(keys, after)}";
        var rows = keys.Count == 0
            ? Dialect.FirstOfFile(version, beyond, order)
            : $"select t.* from {Rows} where {ProjectionDialect.InAnyBucket} and {beyond} order by {order} limit @limit";
        return
            $"""
            select b.id, t.item, {string.Join(", ", Columns.Select(column => string.Join(", ", Of(column).Cells)))}, {string.Join(", ", keys.Select(key => key.Sql).Prepend("t.batch"))}
              from ({rows}) t
              join {Dialect.Table("batches")} b on b.batch = t.batch and b.client = t.client
             order by {order}
            """;
    }

    /// <summary>
    /// Of each row its upload and item, whether the rows of the upload were pruned, and whether a younger batch of the upload has the item.
    /// </summary>
    /// <param name="where">From <see cref="Where"/>.</param>
    /// <param name="keys">The order.</param>
    /// <param name="isOrdered">Whether the order matters.</param>
    public string Items(string where, IReadOnlyList<SortKey> keys, bool isOrdered)
    {
        // The items of a pruned batch are gone, its rows are not. By key, the youngest item of a row is the row already.
        var bucket = version.IsKeyed ? $"in ({ProjectionDialect.EveryBucket})" : "= t.bucket";
        var row = version.IsKeyed ? "" :
            $"or exists (select 1 from {Dialect.Table(version.Table)} r where r.bucket = t.bucket and r.client = t.client and r.batch = n.batch and r.item = t.item)";
        return
            $"""
            select u.id, t.item, u.pruned_at is not null,
                   exists (select 1
                             from {Dialect.Table("batches")} n
                            where n.upload = b.upload
                              and n.batch > t.batch
                              and (exists (select 1 from {Dialect.Table("batch_items")} i where i.bucket {bucket} and i.batch = n.batch and i.item = t.item) {row}))
              from {Rows}
              join {Dialect.Table("batches")} b on b.batch = t.batch and b.client = t.client
              join {Dialect.Table("uploads")} u on u.upload = b.upload
             where {ProjectionDialect.InAnyBucket} and {where}
            {(isOrdered ? $" order by {string.Join(", ", keys.Select(key => Ordered(key, isBack: false)).Concat(["t.batch", "t.item"]))}" : "")}
            """;
    }

    /// <summary>How many rows there are; <c>@limit</c> at most, if they are not counted to the end.</summary>
    public string Count(string where, bool isCapped) =>
        $"select count(*) from (select 1 from {Rows} where {ProjectionDialect.InAnyBucket} and {where}{(isCapped ? " limit @limit" : "")}) r";

    /// <summary>How many rows have a value, of each column.</summary>
    public string Availability(string where) =>
        $"select {string.Join(", ", Columns.Select(column => $"count({Of(column).Sql})"))} from {Rows} where {ProjectionDialect.InAnyBucket} and {where}";

    /// <summary>The most frequent values of columns, as <see cref="ProjectionDialect.CountValues"/> gives them. A list is alone.</summary>
    public string Facets(string where, IReadOnlyList<FacetGroup> groups)
    {
        var isList = groups[0].Column.Type == ColumnType.TextList;
        var cells = string.Join(", ", groups.SelectMany(group =>
            group.Column.Cells.Zip(group.Cells, (cell, name) => $"{(isList ? "e.value" : cell)} as {name}")));

        // An element that a list has twice counts once.
        var from = isList ? $"{Rows} left join {Dialect.Elements(groups[0].Column.Sql, "e")} on true" : Rows;
        return Dialect.CountValues(
            $"select {(isList ? "distinct t.batch, t.item, " : "")}{cells} from {from} where {ProjectionDialect.InAnyBucket} and {where}",
            groups);
    }

    private string Rows => $"{Dialect.Table(version.Table)} t";

    /// <summary>A declared column of the table.</summary>
    public QueriedColumn Of(ProjectionColumn column) => Of(column, "t", column.Name);

    private QueriedColumn Find(string name) => Find(name, Columns, "t", null);

    private QueriedColumn Find(string name, IReadOnlyList<ProjectionColumn> columns, string alias, string? child) =>
        columns.FirstOrDefault(column => column.Name == name) is { } found
            ? Of(found, alias, child is null ? name : $"{child}.{name}")
            : throw new EnrichmentException(
                $"{(child is null ? $"The table '{version.Projection.Table}'" : $"The child table '{child}'")} has no column '{Excerpt.Of(name)}'."
                + Nearest.Hint(name, columns.Select(column => column.Name)));

    private QueriedColumn Of(ProjectionColumn column, string alias, string name) => column.Computed?.AsOf is not null
        ? new(name, column, $"({Dialect.Read(column, asOf, Values)})", "")
        : new(name, column, $"{alias}.{Dialect.Quote(column.Name)}", $"{alias}.{Dialect.Quote(StoredColumn.LastDay(column.Name))}");

    private string Ordered(SortKey key, bool isBack) =>
        $"{Dialect.Comparable(key.Sql, key.Type)} {(key.Descending != isBack ? "desc" : "asc")} nulls {(isBack ? "first" : "last")}";

    // The rows that come after a place, in the order of the walk: equal in some keys, then beyond it in the next.
    private string Beyond(IReadOnlyList<SortKey> keys, PageCursor cursor)
    {
        var ways = new List<string>();
        var equal = "";
        foreach (var (key, value) in keys.Zip(cursor.Keys))
        {
            var sql = Dialect.Comparable(key.Sql, key.Type);
            var bound = value is null ? "" : Bind(value, key.Type);
            var beyond = (value, cursor.IsBack) switch
            {
                (null, false) => null,
                (null, true) => $"{key.Sql} is not null",
                (_, false) => $"({sql} {(key.Descending ? "<" : ">")} {bound} or {key.Sql} is null)",
                (_, true) => $"{sql} {(key.Descending ? ">" : "<")} {bound}",
            };
            if (beyond is not null)
            {
                ways.Add($"({equal}{beyond})");
            }

            equal += $"{(value is null ? $"{key.Sql} is null" : $"{sql} = {bound}")} and ";
        }

        ways.Add($"({equal}(t.batch, t.item) {(cursor.IsBack ? "<" : ">")} ({Bind((long)cursor.Batch, ColumnType.Integer)}, {Bind((long)cursor.Item, ColumnType.Integer)}))");
        return $"({string.Join(" or ", ways)})";
    }
}
