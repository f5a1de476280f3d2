namespace Enrichment.Consolidation;

/// <summary>The most frequent values of a column among the rows that a <see cref="ProjectionQuery"/> asks for.</summary>
/// <param name="Column">The column.</param>
/// <param name="Values">The values with their rows, the most frequent first; values of the same frequency in their order.</param>
/// <param name="Others">The rows with another value. Of a list of texts, whose rows have several values, the sum over these values.</param>
/// <param name="Missing">The rows without a value.</param>
public sealed record Facet(string Column, IReadOnlyList<FacetValue> Values, long Others, long Missing);
