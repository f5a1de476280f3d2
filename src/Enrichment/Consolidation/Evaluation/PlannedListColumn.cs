namespace Enrichment.Consolidation.Evaluation;

/// <summary>A column of a list, resolved against a batch of the list's workstream.</summary>
/// <param name="Number">Its place among the columns of all lists of the definition.</param>
/// <param name="Name">How issues name it.</param>
/// <param name="Column">The column.</param>
internal sealed record PlannedListColumn(short Number, string Name, PlannedColumn Column);
