namespace Enrichment.Consolidation.Evaluation;

/// <summary>An issue of an element, or of what should be an array.</summary>
/// <param name="Issue">The issue. Column -1 stands for the whole element or array.</param>
/// <param name="Key">The key of the element's row; null if there is none.</param>
internal readonly record struct ChildIssue(CellIssue Issue, UInt128? Key);
