namespace Enrichment.Consolidation.Changes;

/// <summary>What applying a definition would do, told before anything is written.</summary>
internal sealed record ChangePlan
{
    /// <summary>The version whose table is live; null if the projection has no table yet.</summary>
    public required int? Live { get; init; }

    /// <summary>What differs between the live definition and the proposed one; null if there is no live one.</summary>
    public required ProjectionChange? Change { get; init; }

    /// <summary>Whether the proposed definition is live already, as this library evaluates it.</summary>
    public required bool IsLive { get; init; }

    /// <summary>The version that is being built, or waits for its operator; null if there is none.</summary>
    public required int? Building { get; init; }

    /// <summary>Whether that is the proposed definition, so that applying it goes on. Otherwise applying it removes that version.</summary>
    public required bool IsBuilding { get; init; }

    /// <summary>Why the definition cannot be applied; null if it can.</summary>
    public required string? Obstacle { get; init; }

    /// <summary>The batches that would be evaluated.</summary>
    public required int Batches { get; init; }

    /// <summary>Their items.</summary>
    public required long Items { get; init; }

    /// <summary>Pruned batches, whose rows would be copied: new columns are null in them.</summary>
    public required int CarriedBatches { get; init; }

    /// <summary>Sources and workstreams that no batch has, which may be mistakes.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Some items by both definitions; null if there is no live one, or nothing to look at.</summary>
    public required ChangePreview? Preview { get; init; }

    /// <summary>Whether hosts that have the definition apply it by themselves.</summary>
    public bool AppliesItself => Live is null || (Change!.IsCompatible && Obstacle is null);
}

/// <summary>Some items evaluated by the live definition and by the proposed one. By key, all items of their keys are.</summary>
internal sealed record ChangePreview
{
    /// <summary>How many items were evaluated.</summary>
    public required int Items { get; init; }

    /// <summary>How many rows the live definition makes of them.</summary>
    public required int RowsBefore { get; init; }

    /// <summary>How many the proposed definition makes.</summary>
    public required int RowsAfter { get; init; }

    /// <summary>How many keys of the items were not compared, because they have too many items.</summary>
    public int KeysLeftOut { get; init; }

    /// <summary>The child tables that gain or lose rows, of those that both definitions have.</summary>
    public required IReadOnlyList<PreviewedChild> Children { get; init; }

    /// <summary>
    /// The columns that differ, those of child tables among them, in the order of the proposed definition; those that it has no more come
    /// last.
    /// </summary>
    public required IReadOnlyList<PreviewedColumn> Columns { get; init; }

    /// <summary>Some of the cells that differ, a few of each column.</summary>
    public required IReadOnlyList<ChangedCell> Examples { get; init; }
}

/// <summary>What a change does to a column of the items that were looked at.</summary>
/// <param name="Column">The column.</param>
/// <param name="Changed">Cells with another value, those of the next two among them.</param>
/// <param name="Filled">Cells that were null and have a value.</param>
/// <param name="Emptied">Cells that had a value and are null.</param>
/// <param name="IssuesBefore">Issues of the column by the live definition.</param>
/// <param name="IssuesAfter">Issues by the proposed one.</param>
internal sealed record PreviewedColumn(string Column, int Changed, int Filled, int Emptied, int IssuesBefore, int IssuesAfter);

/// <summary>What a change does to the rows of a child table.</summary>
/// <param name="Child">How expressions name it.</param>
/// <param name="Gained">Rows that only the proposed definition makes.</param>
/// <param name="Lost">Rows that only the live one makes.</param>
internal sealed record PreviewedChild(string Child, int Gained, int Lost);
