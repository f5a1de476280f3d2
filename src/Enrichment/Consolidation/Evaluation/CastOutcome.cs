namespace Enrichment.Consolidation.Evaluation;

/// <summary>What became of a value that was read for a column.</summary>
internal enum CastOutcome
{
    /// <summary>It is the cell.</summary>
    Value,

    /// <summary>It is blank, or a word for nothing.</summary>
    Nothing,

    /// <summary>It is not of the column's type.</summary>
    Bad,
}
