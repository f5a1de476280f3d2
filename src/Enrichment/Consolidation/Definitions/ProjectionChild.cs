using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Definitions;

/// <summary>A child table: each element of an array in an item's documents is a row of it.</summary>
internal sealed record ProjectionChild
{
    private readonly IReadOnlyList<ProjectionColumn> columns = [];

    /// <summary>How expressions name it.</summary>
    public required string Name { get; init; }

    /// <summary>The table's name.</summary>
    public required string Table { get; init; }

    /// <summary>Where the array may be, in order of precedence.</summary>
    public required IReadOnlyList<ColumnSource> Each { get; init; }

    /// <summary>The columns by which elements of one item differ; empty: all that readers see.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Whether elements with one key are numbered. Otherwise one of them is the row.</summary>
    public bool NumbersTwins { get; init; }

    /// <summary>Its columns in order.</summary>
    public required IReadOnlyList<ProjectionColumn> Columns
    {
        get => columns;
        init
        {
            columns = value;
            Visible = [.. value.Where(column => !column.IsHidden)];
            Stored = [.. Visible.SelectMany(StoredColumn.Of)];
            Cells = [.. Stored, .. value.Where(column => column.IsHidden).SelectMany(StoredColumn.Of)];
        }
    }

    /// <summary>The columns that readers see, in order.</summary>
    public IReadOnlyList<ProjectionColumn> Visible { get; private init; } = [];

    /// <summary>All cells that are evaluated: those of the table, then hidden ones.</summary>
    public IReadOnlyList<StoredColumn> Cells { get; private init; } = [];

    /// <summary>The columns of the table behind the engine's own.</summary>
    public IReadOnlyList<StoredColumn> Stored { get; private init; } = [];

    /// <summary>What expressions may name of it, once its own expressions are bound.</summary>
    public ExpressionTable Schema => new(Name, [.. Columns.Select(column => (column.Name, column.ExpressionType))]);

    /// <summary>How issues name one of its columns.</summary>
    public string NameOf(ProjectionColumn column) => $"{Name}.{column.Name}";

    /// <summary>Whether the key is made of a column.</summary>
    public bool IsKey(StoredColumn column) => Key.Count == 0 ? !column.Column.IsHidden : Key.Contains(column.Column.Name);
}
