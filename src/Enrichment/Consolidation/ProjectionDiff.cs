namespace Enrichment.Consolidation;

/// <summary>What a new version of a projection changes in the table's rows.</summary>
public sealed record ProjectionDiff
{
    /// <summary>The version that was live.</summary>
    public required int From { get; init; }

    /// <summary>The new version.</summary>
    public required int To { get; init; }

    /// <summary>Whether the new version is live; else it waits for an operator.</summary>
    public required bool IsLive { get; init; }

    /// <summary>The rows of the version that was live.</summary>
    public required long RowsBefore { get; init; }

    /// <summary>The rows of the new version.</summary>
    public required long RowsAfter { get; init; }

    /// <summary>Rows that only the new version has. Null if the versions have different keys, and so no rows in common.</summary>
    public required long? Gained { get; init; }

    /// <summary>Rows that the new version lacks. Null as <see cref="Gained"/>.</summary>
    public required long? Lost { get; init; }

    /// <summary>
    /// Rows of each child table that only the new version has, by the name that expressions have for it. A child table that one of the
    /// versions lacks is not told.
    /// </summary>
    public IReadOnlyDictionary<string, long> ChildrenGained { get; init; } = new Dictionary<string, long>();

    /// <summary>Rows of each child table that the new version lacks.</summary>
    public IReadOnlyDictionary<string, long> ChildrenLost { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// For each column of both versions in which rows differ: how many. Also a column's null and a value differ. A column of a child table
    /// is named as in issues, such as <c>work_history.title</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, long> Columns { get; init; }

    /// <summary>Some of the cells that differ, a few of each column.</summary>
    public required IReadOnlyList<ChangedCell> Examples { get; init; }

    /// <summary>Batches that were pruned: their rows are those of the version before, and new columns are null in them.</summary>
    public required int CarriedBatches { get; init; }
}

/// <summary>A cell that two versions of a projection have differently.</summary>
/// <param name="Batch">The batch of the row.</param>
/// <param name="Item">The item of the row.</param>
/// <param name="Column">The column.</param>
/// <param name="Before">The value as an export writes it.</param>
/// <param name="After">The new value.</param>
public sealed record ChangedCell(Guid Batch, int Item, string Column, string? Before, string? After);
