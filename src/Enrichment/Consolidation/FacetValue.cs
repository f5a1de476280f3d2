namespace Enrichment.Consolidation;

/// <summary>A value of a <see cref="Facet"/>.</summary>
/// <param name="Value">As in <see cref="ProjectedRow.Values"/>; of a list of texts one of its texts.</param>
/// <param name="Rows">The rows that have it.</param>
public sealed record FacetValue(object Value, long Rows);
