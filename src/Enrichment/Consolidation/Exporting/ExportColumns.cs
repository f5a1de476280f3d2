using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Exporting;

/// <summary>The columns of a file.</summary>
internal static class ExportColumns
{
    /// <summary>What begins a row of a child table.</summary>
    public static IReadOnlyList<ExportColumn> OfItem { get; } = [new("batch", typeof(string)), new("item", typeof(long))];

    /// <summary>What ends a row with the status of its item. No column of a table can have such a name.</summary>
    public static IReadOnlyList<ExportColumn> OfStatus { get; } =
        [new("enrichment.row", typeof(long)), new("enrichment.status", typeof(string)), new("enrichment.error", typeof(string))];

    public static ExportColumn Of(ProjectionColumn column) => new(column.Name, column.Type switch
    {
        ColumnType.Integer => typeof(long),
        ColumnType.Number => typeof(decimal),
        ColumnType.Boolean => typeof(bool),
        ColumnType.Date => typeof(DateOnly),
        ColumnType.Timestamp => typeof(DateTimeOffset),
        ColumnType.TextList => typeof(IReadOnlyList<string>),
        _ => typeof(string),
    })
    {
        IsJson = column.Type == ColumnType.Json,
    };

    /// <summary>The rows of a child table, in the row of their item.</summary>
    public static ExportColumn Of(ProjectionChild child) => new(child.Name, typeof(IReadOnlyList<IReadOnlyList<object?>>))
    {
        Columns = [.. child.Visible.Select(Of)],
    };
}
