namespace Enrichment.Consolidation.Definitions;

/// <summary>Which of a column's sources serves if several have a value of its type. Ties go to the order of the sources.</summary>
internal enum ChoiceRule
{
    /// <summary>The first; the others are not read.</summary>
    First,

    /// <summary>The one that was observed last, or whose result is the latest.</summary>
    Latest,

    /// <summary>The one with the highest confidence.</summary>
    Confident,

    /// <summary>The value that most sources have.</summary>
    Agree,

    /// <summary>The smallest value.</summary>
    Min,

    /// <summary>The largest value.</summary>
    Max,

    /// <summary>The values of all sources in one list, each once.</summary>
    All,
}
