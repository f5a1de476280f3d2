namespace Enrichment.Consolidation;

/// <summary>How many rows a <see cref="ProjectionQuery"/> asks for.</summary>
/// <param name="Rows">The rows that were counted.</param>
/// <param name="IsMore">Whether there are more: counting ended at the cap.</param>
public readonly record struct RowCount(long Rows, bool IsMore);
