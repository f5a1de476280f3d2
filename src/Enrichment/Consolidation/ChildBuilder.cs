using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation;

/// <summary>Describes a child table: each element of an array in an item's documents is a row of it.</summary>
public sealed class ChildBuilder
{
    private readonly string name;
    private readonly List<ProjectionColumn> columns = [];
    private IReadOnlyList<ColumnSource> each = [];
    private string table;
    private string[] key = [];
    private bool numbersTwins;

    internal ChildBuilder(string name)
    {
        this.name = name;
        table = name;
    }

    /// <summary>Names the table. Default: the child's own name.</summary>
    public ChildBuilder Table(string table)
    {
        this.table = table;
        return this;
    }

    /// <summary>Where the array is: the first of these sources that has an array.</summary>
    public ChildBuilder Each(Action<SourceBuilder> sources)
    {
        each = SourceBuilder.SourcesOf(sources);
        return this;
    }

    /// <summary>The columns by which the elements of one item differ. Default: all of them.</summary>
    public ChildBuilder Key(params string[] columns)
    {
        key = columns;
        return this;
    }

    /// <summary>
    /// Keeps each of several elements that have the same key, with a number of its own. Default: the one with the most values is the row.
    /// </summary>
    public ChildBuilder NumberTwins()
    {
        numbersTwins = true;
        return this;
    }

    /// <summary>Adds a column of text. Its sources are places in the element: <see cref="SourceBuilder.At"/>.</summary>
    public ChildBuilder Text(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Text, sources);

    /// <summary>Adds a column of whole numbers of 64 bits.</summary>
    public ChildBuilder Integer(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Integer, sources);

    /// <summary>Adds a column of exact decimal numbers.</summary>
    public ChildBuilder Number(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Number, sources);

    /// <summary>Adds a column of truth values.</summary>
    public ChildBuilder Boolean(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Boolean, sources);

    /// <summary>Adds a column of calendar days.</summary>
    public ChildBuilder Date(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Date, sources);

    /// <summary>Adds a column of dates of which perhaps only the month or the year is known.</summary>
    public ChildBuilder PartialDate(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.PartialDate, sources);

    /// <summary>Adds a column of instants.</summary>
    public ChildBuilder Timestamp(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Timestamp, sources);

    /// <summary>Adds a column of lists of texts.</summary>
    public ChildBuilder TextList(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.TextList, sources);

    /// <summary>Adds a column of JSON values.</summary>
    public ChildBuilder Json(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Json, sources);

    /// <summary>Adds a column that is computed of others of the child row.</summary>
    /// <param name="name">The column's name.</param>
    /// <param name="expression">An expression over columns of the child row, those with sources and computed ones before it.</param>
    /// <param name="hidden">Whether the column serves other expressions only, and the table does not have it.</param>
    public ChildBuilder Is(string name, string expression, bool hidden = false)
    {
        columns.Add(new(name, expression) { IsHidden = hidden });
        return this;
    }

    /// <summary>Adds a column that code computes of others of the child row, as <see cref="ProjectionBuilder.Compute"/> does of a row.</summary>
    /// <typeparam name="T">What the column holds, as of <see cref="ProjectionBuilder.Compute"/>.</typeparam>
    /// <param name="name">The column's name.</param>
    /// <param name="function">The function's name, which the definition has in place of the code.</param>
    /// <param name="version">The function's version. Raise it with every change of the code: the table is then made anew.</param>
    /// <param name="compute">Gets the values of the columns that an expression in its place could name.</param>
    /// <param name="hidden">Whether the column serves others only, and the table does not have it.</param>
    /// <exception cref="EnrichmentException">No column holds a <typeparamref name="T"/>.</exception>
    public ChildBuilder Compute<T>(
        string name,
        string function,
        int version,
        Func<IReadOnlyDictionary<string, object?>, T> compute,
        bool hidden = false)
    {
        columns.Add(ComputedFunction.ColumnOf(name, function, version, compute) with { IsHidden = hidden });
        return this;
    }

    internal ProjectionChild Build() => new()
    {
        Name = name,
        Table = table,
        Each = each,
        Key = key,
        NumbersTwins = numbersTwins,
        Columns = columns,
    };

    private ChildBuilder Add(string name, ColumnType type, Action<SourceBuilder> sources)
    {
        columns.Add(SourceBuilder.ColumnOf(name, type, sources));
        return this;
    }
}
