using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>A child table, resolved.</summary>
/// <param name="Child">The child table.</param>
/// <param name="Each">The sources of its array that exist for the batch, in order.</param>
/// <param name="Columns">Its columns. Their reads are relative to an element.</param>
internal sealed record PlannedChild(ProjectionChild Child, IReadOnlyList<PlannedSource> Each, IReadOnlyList<PlannedColumn> Columns)
{
    /// <summary>How an issue names what it is about: the child table, or one of its columns.</summary>
    public string ColumnOf(CellIssue issue) =>
        issue.Column < 0 ? Child.Name : Child.NameOf(Columns[issue.Column].Column);
}
