namespace Enrichment.Consolidation;

/// <summary>Describes a projection in code.</summary>
public sealed class ProjectionBuilder
{
    private readonly string name;
    private readonly List<ProjectionColumn> columns = [];
    private string table;
    private string[] key = [];

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

    internal Projection Build() => new(name, table, key, columns);

    private ProjectionBuilder Add(string name, ColumnType type, Action<SourceBuilder> sources)
    {
        var builder = new SourceBuilder();
        sources(builder);
        columns.Add(new(name, type, builder.Sources));
        return this;
    }
}
