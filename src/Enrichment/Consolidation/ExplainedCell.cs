namespace Enrichment.Consolidation;

/// <summary>Where a cell is from.</summary>
/// <param name="Column">The column.</param>
/// <param name="Type">Its type, as definition files write it.</param>
/// <param name="Value">
/// The cell, as in <see cref="ProjectedRow.Values"/>. Of a table by key that folds columns it is the table's, if the table has a row of the
/// item.
/// </param>
public sealed record ExplainedCell(string Column, string Type, object? Value)
{
    /// <summary>The expression that computes it; null if the column has sources.</summary>
    public string? Expression { get; init; }

    /// <summary>How the column chooses among its sources, such as <c>first</c>; null if it is computed.</summary>
    public string? Choose { get; init; }

    /// <summary>Whether it is the column's default, because no source serves.</summary>
    public bool IsDefault { get; init; }

    /// <summary>
    /// The reason of the issue that the column has beside those of its sources, as <see cref="ProjectionIssue.Reason"/>; null if it has
    /// none.
    /// </summary>
    public string? Issue { get; init; }

    /// <summary>
    /// Of the issue <c>compute</c>: why, and where in the expression; of <c>unknown_bucket</c>: the value. Else empty or null.
    /// </summary>
    public string? Detail { get; init; }

    /// <summary>
    /// What the table's cell is from, if this explanation's is from something else: the table does not show the batch as it is now. Its
    /// outcome is <c>chosen</c>, or without a source <c>none</c>, <c>default</c> or <c>all</c>. Else null.
    /// </summary>
    public ExplainedCandidate? InTable { get; init; }

    /// <summary>
    /// Of a table by key that folds columns: what the items of the key have, the youngest item first. Each names its batch and item, and
    /// the source that gave the item's cell; its outcome is <c>chosen</c>, <c>not_chosen</c> or <c>empty</c>. Of a key with more than 20
    /// items these are the youngest 20, the explained one, and those that gave a cell of the row. Empty if the column is computed, or the
    /// table has no row.
    /// </summary>
    public IReadOnlyList<ExplainedCandidate> Items { get; init; } = [];

    /// <summary>What each source of the explained item has, in the order of the definition; none if the column is computed.</summary>
    public IReadOnlyList<ExplainedCandidate> Candidates { get; init; } = [];
}
