namespace Enrichment.Consolidation.Definitions;

/// <summary>A column of a projection's table in the database. A partial date has two: its first and its last day.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Type">What the store holds: neither a partial date nor a bucket.</param>
/// <param name="Column">The declared column.</param>
internal sealed record StoredColumn(string Name, ColumnType Type, ProjectionColumn Column)
{
    private const string At = "_at_";

    private const string Confidence = "_confidence_";

    /// <summary>Whether it is a second cell of its column: the last day of a partial date, or what folding compares.</summary>
    public bool IsBeside => Name != Column.Name;

    /// <summary>
    /// Whether it is what folding compares: when the cell was observed, or how much it is trusted. No user can take such a name.
    /// </summary>
    public bool IsRank => Name[0] == '_';

    /// <summary>Whether its cell is one of its sources', and neither computed nor made of another cell.</summary>
    public bool HasSources => Column.Formula is null && !IsBeside;

    /// <summary>The second cell of a column by which folding compares the items; null if the column's rule needs none.</summary>
    public static StoredColumn? RankOf(ProjectionColumn column) => column.Choose switch
    {
        ChoiceRule.Latest => new(At + column.Name, ColumnType.Integer, column),
        ChoiceRule.Confident => new(Confidence + column.Name, ColumnType.Number, column),
        _ => null,
    };

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
