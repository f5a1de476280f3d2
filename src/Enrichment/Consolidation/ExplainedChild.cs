namespace Enrichment.Consolidation;

/// <summary>Where the cells of a row of a child table are from.</summary>
/// <param name="Child">The child table, as expressions name it.</param>
/// <param name="ChildKey">The row's key, in hexadecimal.</param>
/// <param name="Twin">Its number among the rows of its item with this key, from 1.</param>
/// <param name="Cells">The declared columns in order. The candidates are places in the element.</param>
public sealed record ExplainedChild(string Child, string ChildKey, int Twin, IReadOnlyList<ExplainedCell> Cells);
