namespace Enrichment.Consolidation;

/// <summary>A cell that could not be cast to its column's type: it is null in the table, and this says why.</summary>
/// <param name="Batch">The item's batch.</param>
/// <param name="Item">The item.</param>
/// <param name="Column">The column.</param>
/// <param name="Reason">
/// <c>cast</c>: the value is not of the column's type. <c>no_key</c>: the item has no row, because this part of its key has no value.
/// <c>long_key</c>: it has none, because its key is longer than 1,000 bytes.
/// </param>
/// <param name="Value">The value's first 200 characters; empty if there is none.</param>
public sealed record ProjectionIssue(Guid Batch, int Item, string Column, string Reason, string Value);
