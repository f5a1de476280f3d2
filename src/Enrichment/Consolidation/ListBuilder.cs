using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation;

/// <summary>Describes the columns of a list: values in which expressions look others up.</summary>
public sealed class ListBuilder
{
    private readonly List<ProjectionColumn> columns = [];

    internal ListBuilder()
    {
    }

    /// <summary>Adds a column of text.</summary>
    public ListBuilder Text(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Text, sources);

    /// <summary>Adds a column of whole numbers of 64 bits.</summary>
    public ListBuilder Integer(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Integer, sources);

    /// <summary>Adds a column of exact decimal numbers.</summary>
    public ListBuilder Number(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Number, sources);

    /// <summary>Adds a column of calendar days.</summary>
    public ListBuilder Date(string name, Action<SourceBuilder> sources) => Add(name, ColumnType.Date, sources);

    internal ProjectionList Build(string name, string workstream) => new() { Name = name, Workstream = workstream, Columns = columns };

    private ListBuilder Add(string name, ColumnType type, Action<SourceBuilder> sources)
    {
        columns.Add(SourceBuilder.ColumnOf(name, type, sources));
        return this;
    }
}
