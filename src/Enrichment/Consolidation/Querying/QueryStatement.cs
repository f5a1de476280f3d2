using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Querying;

/// <summary>A statement that is made for a query of a live table: its columns, its parameters, its SQL.</summary>
/// <remarks>Every statement reads rows of one client: that of the query.</remarks>
internal sealed partial class QueryStatement
{
    private const int MostValues = 1_000;

    private readonly TableVersion version;
    private readonly DateOnly asOf;

    // How rows of any bucket are reached; whether an index finds those of the filter, so that the file need not be walked.
    private string reach = ProjectionDialect.InAnyBucket;
    private bool isFound;
    private bool isSearched;

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
    public string Where(ProjectionQuery query) => Where(query.Terms, query.Batch, query.Words);

    /// <summary>The rows that satisfy conditions, of a batch unless that is null, and have all words.</summary>
    /// <exception cref="EnrichmentException">The table lacks a column, a value is not of its type, or no column is searched.</exception>
    public string Where(IEnumerable<Condition> terms, Guid? batch, IReadOnlyCollection<string> words)
    {
        var conditions = new List<string> { Dialect.OfClient(version) };
        if (batch is { } one)
        {
            Values["batch"] = Dialect.Id(one);
            conditions.Add($"t.batch = (select b.batch from {Dialect.Table("batches")} b where b.id = @batch)");
        }

        var sql = new ConditionSql(this);
        Condition[] all = [.. terms];
        isFound = all.Any(term => term is FieldComparison { Comparison: Comparison.Eq } equal && IsByIndex(equal));
        reach = all.Any(IsByIndex) ? Dialect.ByIndex : ProjectionDialect.InAnyBucket;
        if (words.Count > 0)
        {
            conditions.Add(Search(words));
        }

        return string.Join("\n   and ", conditions.Concat(all.Select(sql.Of)));
    }

    private string Search(IEnumerable<string> words)
    {
        if (!version.Projection.IsSearched)
        {
            throw new EnrichmentException(
                $"The table '{version.Projection.Table}' has no column that is searched. Give one \"search\": true in the definition, or use a condition with \"contains\".");
        }

        (isFound, isSearched, reach) = (true, true, Dialect.BySearch);
        Values["search"] = Dialect.Searched(words);
        return Dialect.Matches(version);
    }

    // Whether an index finds the rows that satisfy a condition.
    private bool IsByIndex(Condition condition) => condition switch
    {
        FieldComparison { Comparison: not (Comparison.Ne or Comparison.Contains) } compared => Column(compared.Name).IsIndexed,
        FieldIn list => Column(list.Name) is { IsIndexed: true, Type: not ColumnType.PartialDate },
        _ => false,
    };

    /// <summary>The order of a query, without the row's place in the file.</summary>
    public IReadOnlyList<SortKey> Order(IEnumerable<(string Column, bool Descending)> sort)
    {
        var keys = new List<SortKey>();
        foreach (var (place, (name, descending)) in sort.Index())
        {
            var column = Column(name);
            if (column.Type is ColumnType.TextList or ColumnType.Json)
            {
                throw new EnrichmentException($"{column.Named}, by which rows cannot be sorted. Sort by a column of another type.");
            }

            keys.AddRange(column.Cells.Select(cell =>
                new SortKey(ProjectionDialect.Sorted(cell, column.StoredType), column.StoredType, descending)
                {
                    IsIndexed = place == 0 && column.IsIndexed,
                }));
        }

        return keys;
    }

    /// <summary>Rows with the values of all columns, then batch and sort keys. <c>@limit</c> comes on top.</summary>
    /// <param name="where">From <see cref="Where(ProjectionQuery)"/>.</param>
    /// <param name="keys">The order.</param>
    /// <param name="after">The place after which the page begins; before which it ends, if the cursor goes back.</param>
    public string Page(string where, IReadOnlyList<SortKey> keys, PageCursor? after)
    {
        var walk = new PageWalk(this, keys, after);
        var rows = keys switch
        {
            [{ IsIndexed: true }, ..] when !isSearched => walk.ByIndex(Rows, $"{Dialect.ByIndex} and {where}"),
            [] when !isFound => Dialect.FirstOfFile(version, reach, walk.Following(where), walk.Order),
            _ => Dialect.First(version, reach, walk.Following(where), walk.Order),
        };
        return
            $"""
            select b.id, t.item, {string.Join(", ", Columns.Select(column => string.Join(", ", Of(column).Cells)))}, {string.Join(", ", keys.Select(key => key.Sql).Prepend("t.batch"))}
              from ({rows}) t
              join {Dialect.Table("batches")} b on b.batch = t.batch and b.client = t.client
             order by {walk.Order}
             limit @limit
            """;
    }

    /// <summary>
    /// Of each row its upload and item, whether the rows of the upload were pruned, and whether a younger batch of the upload has the item.
    /// </summary>
    /// <param name="where">From <see cref="Where(ProjectionQuery)"/>.</param>
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
             where {reach} and {where}
            {(isOrdered ? $" order by {new PageWalk(this, keys, after: null).Order}" : "")}
            """;
    }

    /// <summary>How many rows there are; <c>@limit</c> at most, if they are not counted to the end.</summary>
    public string Count(string where, bool isCapped) =>
        $"select count(*) from (select 1 from {Rows} where {reach} and {where}{(isCapped ? " limit @limit" : "")}) r";

    /// <summary>How many rows have a value, of each column.</summary>
    public string Availability(string where) =>
        $"select {string.Join(", ", Columns.Select(column => $"count({Of(column).Sql})"))} from {Rows} where {reach} and {where}";

    /// <summary>The most frequent values of columns, as <see cref="ProjectionDialect.CountValues"/> gives them. A list is alone.</summary>
    public string Facets(string where, IReadOnlyList<FacetGroup> groups) => Dialect.CountValues(Cells(where, groups), groups);

    /// <summary>The cells of columns, row by row; of a list its texts, each once.</summary>
    public string Cells(string where, IReadOnlyList<FacetGroup> groups)
    {
        var isList = groups[0].Column.Type == ColumnType.TextList;
        var cells = string.Join(", ", groups.SelectMany(group =>
            group.Column.Cells.Zip(group.Cells, (cell, name) => $"{(isList ? "e.value" : cell)} as {name}")));

        // An element that a list has twice counts once.
        var from = isList ? $"{Rows} left join {Dialect.Elements(groups[0].Column.Sql, "e")} on true" : Rows;
        return $"select {(isList ? "distinct t.batch, t.item, " : "")}{cells} from {from} where {reach} and {where}";
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
                + Mended(name, [.. columns.Select(column => column.Name)], child));

    private string Mended(string name, string[] columns, string? child)
    {
        if (columns.FirstOrDefault(column => column.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } same)
        {
            return $" Write '{same}': names are in lower case.";
        }

        var children = version.Projection.Children.Where(one => child is null && (one.Name == name || one.Table == name));
        return children.FirstOrDefault() is { Name: var rows }
            ? $" '{rows}' is a child table. Ask for its rows: {{\"child\": \"{rows}\", \"any\": {{…}}}}."
            : Nearest.Hint(name, columns);
    }

    private QueriedColumn Of(ProjectionColumn column, string alias, string name) => column.Computed?.AsOf is not null
        ? new(name, column, $"({Dialect.Read(column, asOf, Values)})", "")
        : new(name, column, $"{alias}.{Dialect.Quote(column.Name)}", $"{alias}.{Dialect.Quote(StoredColumn.LastDay(column.Name))}")
        {
            IsIndexed = column.IsIndexed && Dialect.HasIndex(column.Type),
        };
}
