namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// What became of the value that a source of a column has for an item. <see cref="ExplainedCandidate.Outcome"/> has the words.
/// </summary>
internal enum CandidateOutcome
{
    /// <summary>It is the cell, or a part of a list that takes the values of all sources.</summary>
    Chosen = 1,

    /// <summary>It is of the column's type, and another source serves: one before it, or one that the column's rule prefers.</summary>
    NotChosen,

    /// <summary>The source has no value, a null or a blank one.</summary>
    Empty,

    /// <summary>It is a word for nothing, such as <c>n/a</c>.</summary>
    WordForNothing,

    /// <summary>It is not of the column's type.</summary>
    DoesNotCast,

    /// <summary>The column's form cannot be made of it.</summary>
    DoesNotNormalise,

    /// <summary>The batch does not have this source: the step, the header or the field.</summary>
    NotInBatch,

    /// <summary>Another source serves, and what this one had was pruned.</summary>
    NotKept,

    /// <summary>Nothing is known: the batch was pruned, and the table does not tell whether this source serves.</summary>
    Unknown,
}
