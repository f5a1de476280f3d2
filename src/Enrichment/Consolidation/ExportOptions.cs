namespace Enrichment.Consolidation;

/// <summary>How the rows of a query are exported, and for whom.</summary>
public sealed record ExportOptions
{
    /// <summary>The kind of file. CSV unless set.</summary>
    public IExportFormat Format { get; init; } = CsvFormat.Default;

    /// <summary>The columns in the order of the file, each once. Null: all of the table.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>
    /// True to end each row with <c>enrichment.row</c>, <c>enrichment.status</c> and <c>enrichment.error</c>: the row's number in the file,
    /// the status of its item's pipeline, and the last fault of an item that has not completed. An item whose last stage had nothing to do
    /// is <c>completed</c> too. Status and error of a pruned batch are null.
    /// </summary>
    public bool WithStatus { get; init; }

    /// <summary>
    /// Child tables whose rows stand in the row of their item, each as a column of its own at the end. Only for formats that have lists
    /// of rows, as JSON lines.
    /// </summary>
    public IReadOnlyList<string> Children { get; init; } = [];

    /// <summary>
    /// A child table whose rows are exported instead, with the columns <c>batch</c> and <c>item</c> before them: those of the items that
    /// the query finds, in its order. <see cref="Columns"/> are then the child table's. Null: the table's own rows.
    /// </summary>
    public string? ChildTable { get; init; }

    /// <summary>The actor, for the record of the export.</summary>
    /// <value>Null: the user and the machine that this process runs as and on.</value>
    public string? By { get; init; }
}
