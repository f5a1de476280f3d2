namespace Enrichment.Consolidation;

/// <summary>A row of a consolidated table.</summary>
/// <param name="Batch">The batch that it is from.</param>
/// <param name="Item">The item that it is from.</param>
/// <param name="Values">The declared columns in order, each null or of the class that <see cref="ColumnType"/> names.</param>
public sealed record ProjectedRow(Guid Batch, int Item, IReadOnlyList<object?> Values);
