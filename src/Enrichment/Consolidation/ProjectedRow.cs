namespace Enrichment.Consolidation;

/// <summary>A row of a consolidated table.</summary>
/// <param name="Batch">The batch that it is from.</param>
/// <param name="Item">The item that it is from.</param>
/// <param name="Values">
/// The declared columns of the table or the child table in order, each null or the value of its type:
/// text and JSON are a string, an integer is a long, a number a decimal,
/// true or false a bool, a date a DateOnly, a timestamp a DateTimeOffset, a list of texts an array of strings. A partial date is a string
/// with what is known of it, such as <c>2023-02</c>; a bucket is its label.
/// </param>
public sealed record ProjectedRow(Guid Batch, int Item, IReadOnlyList<object?> Values)
{
    /// <summary>Of a row of a child table its key, in hexadecimal; else null.</summary>
    public string? ChildKey { get; init; }

    /// <summary>Of a row of a child table its number among the rows of its item with this key, from 1; else 0.</summary>
    public int Twin { get; init; }
}
