using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation;

/// <summary>Describes a projection in code.</summary>
public sealed class ProjectionBuilder
{
    private readonly string name;
    private readonly List<ProjectionColumn> columns = [];
    private readonly List<BucketScale> buckets = [];
    private readonly List<ProjectionChild> children = [];
    private readonly List<ProjectionList> lists = [];
    private string table;
    private string[] key = [];
    private string[] workstreams = [];
    private bool foldsColumns;
    private bool leavesOut;

    internal ProjectionBuilder(string name)
    {
        this.name = name;
        table = name;
    }

    /// <summary>Names the table. Default: the projection's own name.</summary>
    public ProjectionBuilder Table(string table)
    {
        this.table = table;
        return this;
    }

    /// <summary>Gives rows to the batches of these workstreams alone. Default: all batches have rows.</summary>
    public ProjectionBuilder From(params string[] workstreams)
    {
        this.workstreams = workstreams;
        return this;
    }

    /// <summary>
    /// Makes one row of all items of a client that agree in these columns: that of the youngest. Default: one row an item.
    /// </summary>
    /// <param name="columns">
    /// Columns of type text, integer or date. An item without a value in one of them gets no row, and an issue says so.
    /// </param>
    public ProjectionBuilder Key(params string[] columns)
    {
        key = columns;
        return this;
    }

    /// <summary>
    /// Chooses each cell of a row by key among all items of the key, by the rule of its column: by default that of the youngest item that
    /// has a value. Default: the row is the youngest item's.
    /// </summary>
    public ProjectionBuilder FoldColumns()
    {
        foldsColumns = true;
        return this;
    }

    /// <summary>Adds a column of text.</summary>
    public ProjectionBuilder Text(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Text, sources);

    /// <summary>Adds a column of whole numbers of 64 bits.</summary>
    public ProjectionBuilder Integer(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Integer, sources);

    /// <summary>Adds a column of exact decimal numbers.</summary>
    public ProjectionBuilder Number(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Number, sources);

    /// <summary>Adds a column of truth values.</summary>
    public ProjectionBuilder Boolean(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Boolean, sources);

    /// <summary>Adds a column of calendar days.</summary>
    public ProjectionBuilder Date(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Date, sources);

    /// <summary>Adds a column of instants.</summary>
    public ProjectionBuilder Timestamp(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Timestamp, sources);

    /// <summary>Adds a column of lists of texts.</summary>
    public ProjectionBuilder TextList(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.TextList, sources);

    /// <summary>Adds a column of JSON values.</summary>
    public ProjectionBuilder Json(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Json, sources);

    /// <summary>
    /// Adds a column of dates of which perhaps only the month or the year is known, such as <c>2023-02</c>. In the table it is two days:
    /// the first and, with <c>_last</c> at the end of its name, the last that it may be.
    /// </summary>
    public ProjectionBuilder PartialDate(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.PartialDate, sources);

    /// <summary>Adds a column that is computed of others of its row.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="expression">
    /// An expression over columns with sources and over computed ones before it, such as <c>employees / 2</c>. Its type is the column's.
    /// One that names <c>as_of</c> is no cell: it is answered when the row is read.
    /// </param>
    /// <param name="hidden">Whether the column serves other expressions only, and the table does not have it.</param>
    /// <param name="indexed">Whether the column has an index, as <see cref="SourceBuilder.Indexed"/> says.</param>
    /// <param name="searched">Whether queries search its words, as <see cref="SourceBuilder.Searched"/> says.</param>
    public ProjectionBuilder Is(string name, string expression, bool hidden = false, bool indexed = false, bool searched = false)
    {
        columns.Add(new(name, expression) { IsHidden = hidden, IsIndexed = indexed, IsSearched = searched });
        return this;
    }

    /// <summary>
    /// Adds a column that code computes. Prefer <see cref="Is"/>: a definition in a file, and a host in another language, do not have the code.
    /// </summary>
    /// <typeparam name="T">
    /// What the column holds: string, long, int, decimal, bool, DateOnly, DateTimeOffset, or an array of string; null is no value.
    /// </typeparam>
    /// <param name="name">The column's name.</param>
    /// <param name="function">The function's name, which the definition has in place of the code.</param>
    /// <param name="version">The function's version. Raise it with every change of the code: the table is then made anew.</param>
    /// <param name="compute">
    /// Gets the values of the columns that an expression in its place could name, as <see cref="ProjectedRow.Values"/> has them. It may use
    /// nothing else: neither a clock, nor a file, nor a service. What it throws is an issue with the reason <c>compute</c>.
    /// </param>
    /// <param name="hidden">Whether the column serves others only, and the table does not have it.</param>
    /// <param name="indexed">Whether the column has an index, as <see cref="SourceBuilder.Indexed"/> says.</param>
    /// <param name="searched">Whether queries search its words, as <see cref="SourceBuilder.Searched"/> says.</param>
    /// <exception cref="EnrichmentException">No column holds a <typeparamref name="T"/>.</exception>
    public ProjectionBuilder Compute<T>(
        string name,
        string function,
        int version,
        Func<IReadOnlyDictionary<string, object?>, T> compute,
        bool hidden = false,
        bool indexed = false,
        bool searched = false)
    {
        columns.Add(ComputedFunction.ColumnOf(name, function, version, compute) with
        {
            IsHidden = hidden,
            IsIndexed = indexed,
            IsSearched = searched,
        });
        return this;
    }

    /// <summary>Declares a scale of ordered labels, which expressions name as <c>bucket('size', employees)</c>.</summary>
    /// <param name="name">How expressions name it.</param>
    /// <param name="order">The labels, the lowest first.</param>
    /// <param name="map">Labels for other texts. Default: none.</param>
    /// <param name="upTo">For numbers: the greatest number of a label, rising. Default: numbers have no bucket.</param>
    public ProjectionBuilder Buckets(
        string name,
        IReadOnlyList<string> order,
        IReadOnlyDictionary<string, string>? map = null,
        IReadOnlyList<(decimal UpTo, string Bucket)>? upTo = null)
    {
        buckets.Add(new(name, order, map ?? new Dictionary<string, string>(), upTo ?? []));
        return this;
    }

    /// <summary>
    /// Adds a child table: each element of an array in an item's documents is a row of it. Expressions name it, as in
    /// <c>any(work_history where is_current)</c>.
    /// </summary>
    /// <param name="name">How expressions name it.</param>
    /// <param name="define">Says where the array is, and adds the columns.</param>
    public ProjectionBuilder Children(string name, Action<ChildBuilder> define)
    {
        var builder = new ChildBuilder(name);
        define(builder);
        children.Add(builder.Build());
        return this;
    }

    /// <summary>
    /// Adds a list of values that rows of another workstream have, for expressions such as <c>domain in customers.domain</c>. A row sees
    /// the values of its own client.
    /// </summary>
    /// <param name="name">How expressions name it.</param>
    /// <param name="workstream">The workstream whose rows have the values.</param>
    /// <param name="define">Adds the columns.</param>
    public ProjectionBuilder List(string name, string workstream, Action<ListBuilder> define)
    {
        var builder = new ListBuilder();
        define(builder);
        lists.Add(builder.Build(name, workstream));
        return this;
    }

    /// <summary>Leaves out the rows of items that have no value in a required column. Their issues stay.</summary>
    public ProjectionBuilder LeaveOutIncomplete()
    {
        leavesOut = true;
        return this;
    }

    internal Projection Build() => new(name, table, key, buckets, columns, children, lists)
    {
        LeavesOutIncomplete = leavesOut,
        Workstreams = workstreams,
        FoldsColumns = foldsColumns,
    };

    private ProjectionBuilder Add(string name, ColumnType type, Action<SourceBuilder> sources)
    {
        columns.Add(SourceBuilder.ColumnOf(name, type, sources));
        return this;
    }
}
