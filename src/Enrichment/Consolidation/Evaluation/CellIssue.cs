namespace Enrichment.Consolidation.Evaluation;

/// <summary>A value that did not become a cell, or a row that has no key.</summary>
/// <param name="Column">The column's position.</param>
/// <param name="Source">The source's number among those of the column, from 1; 0 for the column itself.</param>
/// <param name="Reason">As <see cref="ProjectionIssue.Reason"/>.</param>
/// <param name="Value">The first characters of the value.</param>
internal readonly record struct CellIssue(int Column, short Source, string Reason, string Value);
