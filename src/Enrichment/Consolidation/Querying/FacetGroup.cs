namespace Enrichment.Consolidation.Querying;

/// <summary>A column whose values a statement counts.</summary>
/// <param name="Column">The column.</param>
/// <param name="First">The number of its first cell among those of the statement.</param>
internal sealed record FacetGroup(QueriedColumn Column, int First)
{
    /// <summary>The names of its cells in the statement.</summary>
    public IReadOnlyList<string> Cells { get; } = [.. Column.Cells.Select((_, index) => FormattableString.Invariant($"k{First + index}"))];
}
