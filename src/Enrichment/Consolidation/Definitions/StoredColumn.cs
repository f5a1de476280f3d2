namespace Enrichment.Consolidation.Definitions;

/// <summary>A column of a projection's table in the database. A partial date has two: its first and its last day.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Type">What the store holds: neither a partial date nor a bucket.</param>
/// <param name="Column">The declared column.</param>
internal sealed record StoredColumn(string Name, ColumnType Type, ProjectionColumn Column)
{
    /// <summary>Whether it is the last day of a partial date.</summary>
    public bool IsLastDay => Name != Column.Name;

    /// <summary>Whether its cell is one of its sources', and neither computed nor made of another cell.</summary>
    public bool HasSources => Column.Formula is null && !IsLastDay;

    /// <summary>The column of the last day of a partial date.</summary>
    public static string LastDay(string column) => column + "_last";

    /// <summary>
    /// The cells of a declared column, which the table has unless the column is hidden; none, if its value depends on the day from which
    /// the reader looks.
    /// </summary>
    public static IEnumerable<StoredColumn> Of(ProjectionColumn column) => column switch
    {
        { IsCell: false } => [],
        { Type: ColumnType.PartialDate } =>
            [new(column.Name, ColumnType.Date, column), new(LastDay(column.Name), ColumnType.Date, column)],
        { Type: ColumnType.Bucket } => [new(column.Name, ColumnType.Integer, column)],
        _ => [new(column.Name, column.Type, column)],
    };
}
