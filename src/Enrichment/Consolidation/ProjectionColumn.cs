namespace Enrichment.Consolidation;

/// <summary>A typed column.</summary>
internal sealed record ProjectionColumn
{
    public ProjectionColumn(string name, ColumnType type, IReadOnlyList<ColumnSource> sources)
    {
        Name = name;
        Type = type;
        Sources = sources;
    }

    /// <summary>The column's name in the table and in exports.</summary>
    public string Name { get; }

    /// <summary>What it holds.</summary>
    public ColumnType Type { get; }

    /// <summary>Where its values come from, in order of precedence.</summary>
    public IReadOnlyList<ColumnSource> Sources { get; }
}
