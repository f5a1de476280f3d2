namespace Enrichment.Consolidation;

/// <summary>A typed column and where its values come from.</summary>
/// <param name="Name">The column's name in the table and in exports.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Sources">In order of precedence.</param>
public sealed record ProjectionColumn(string Name, ColumnType Type, IReadOnlyList<ColumnSource> Sources);
