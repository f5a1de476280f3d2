using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>A child table, resolved.</summary>
/// <param name="Child">The child table.</param>
/// <param name="Each">The sources of its array that exist for the batch, in order.</param>
/// <param name="Cells">All cells that are evaluated: those of the table, then hidden ones. Their reads are relative to an element.</param>
internal sealed record PlannedChild(ProjectionChild Child, IReadOnlyList<PlannedSource> Each, IReadOnlyList<PlannedColumn> Cells)
{
    /// <summary>The table's columns.</summary>
    public IReadOnlyList<PlannedColumn> Columns { get; } = [.. Cells.Take(Child.Stored.Count)];

    /// <summary>How an issue names what it is about: the child table, or one of its columns.</summary>
    public string ColumnOf(CellIssue issue) =>
        issue.Column < 0 ? Child.Name : Child.NameOf(Cells[issue.Column].Column);
}
