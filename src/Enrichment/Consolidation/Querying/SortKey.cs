using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Querying;

/// <summary>A part of the order of rows.</summary>
/// <param name="Sql">The value in SQL: of a text its beginning, so that a cursor stays short.</param>
/// <param name="Type">What the value is.</param>
/// <param name="Descending">Whether the greatest comes first. Nulls come last in either case.</param>
internal sealed record SortKey(string Sql, ColumnType Type, bool Descending)
{
    /// <summary>Whether an index of the table has the order of its column.</summary>
    public bool IsIndexed { get; init; }
}
