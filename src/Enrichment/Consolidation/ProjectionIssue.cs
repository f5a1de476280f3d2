namespace Enrichment.Consolidation;

/// <summary>
/// A value that could not be cast to its column's type, so that the column's next source was asked; or an item without a key.
/// </summary>
/// <param name="Batch">The item's batch.</param>
/// <param name="Item">The item.</param>
/// <param name="Column">
/// The column; of a child table its name, a point, and its column; the child table's name alone for an element that is no row.
/// </param>
/// <param name="Source">
/// The source that had the value: <c>field</c> and its name, <c>column</c> and its header, or <c>result</c>, the step and the pointer. Null
/// if there is no value or no key.
/// </param>
/// <param name="Reason">
/// <c>cast</c>: the value is not of the column's type. <c>normalise</c>: it cannot be brought to the column's form. <c>no_key</c>: the item
/// has no row, because this part of its key has no value. <c>long_key</c>: it has none, because its key is longer than 1,000 bytes.
/// <c>missing</c>: a required column has no value. <c>compute</c>: the column's expression could not be computed.
/// <c>unknown_bucket</c>: no bucket has the value. <c>shape</c>:
/// what should be an array is none, or an element of it is null or a single value. <c>twin</c>: another element with the same key and other
/// cells is the child row.
/// </param>
/// <param name="Value">The value's first 200 characters; empty if there is none. With <c>compute</c>: why, and where in the expression.</param>
public sealed record ProjectionIssue(Guid Batch, int Item, string Column, string? Source, string Reason, string Value)
{
    /// <summary>The key of the child row that has it, in hexadecimal; null if the item's own row has it, or none.</summary>
    public string? ChildKey { get; init; }
}
