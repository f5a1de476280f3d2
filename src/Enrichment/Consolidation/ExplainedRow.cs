namespace Enrichment.Consolidation;

/// <summary>Where the cells of an item's row are from, or those of a row that it has in a child table.</summary>
/// <param name="Batch">The item's batch.</param>
/// <param name="Item">The item.</param>
/// <param name="Cells">The declared columns in order.</param>
public sealed record ExplainedRow(Guid Batch, int Item, IReadOnlyList<ExplainedCell> Cells)
{
    /// <summary>
    /// The item's rows in child tables, each table's in the order of the array, of a pruned batch in that of their keys. Expressions of
    /// the row look at them. Candidates of their cells are places in the element.
    /// </summary>
    public IReadOnlyList<ExplainedRow> Children { get; init; } = [];

    /// <summary>Of a row of a child table: the table's name in expressions. Else null.</summary>
    public string? Child { get; init; }

    /// <inheritdoc cref="ProjectedRow.ChildKey" />
    public string? ChildKey { get; init; }

    /// <inheritdoc cref="ProjectedRow.Twin" />
    public int Twin { get; init; }

    /// <summary>
    /// The columns that make a row of the table one; empty if each item has its own. With a key the table has the row of the youngest item
    /// that is equal in these columns, and <see cref="Cells"/> are this item's own. If the table folds columns, they are the table's.
    /// </summary>
    public IReadOnlyList<string> KeyColumns { get; init; } = [];

    /// <summary>
    /// Whether the batch was pruned. Then the cells are those of the live table, with the source that serves, its step and its attempt.
    /// What other sources had and issues are not told. Child rows have their cells, and not the sources of these.
    /// </summary>
    public bool IsPruned { get; init; }

    /// <summary>False if the item has no row, because a part of its key has no value, or the key is too long.</summary>
    public bool HasRow { get; init; } = true;
}
