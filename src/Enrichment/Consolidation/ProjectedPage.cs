namespace Enrichment.Consolidation;

/// <summary>A page of the rows that a <see cref="ProjectionQuery"/> asks for.</summary>
/// <param name="Columns">The columns of the live table, in the order of <see cref="ProjectedRow.Values"/>.</param>
/// <param name="Rows">The rows in the query's order.</param>
/// <param name="Next">The cursor of the next page; null if this is the last.</param>
/// <param name="Previous">The cursor of the page before; null if this is the first.</param>
public sealed record ProjectedPage(IReadOnlyList<string> Columns, IReadOnlyList<ProjectedRow> Rows, string? Next, string? Previous);
