namespace Enrichment;

/// <summary>What changed in the answers of a step.</summary>
public enum DriftKind
{
    /// <summary>The answers have a place that they did not have before.</summary>
    NewPath = 1,

    /// <summary>A place that many answers had is in none.</summary>
    VanishedPath = 2,

    /// <summary>A place has a value of a kind of JSON that it never had, such as a text where a number was.</summary>
    NewKind = 3,

    /// <summary>A place has a value in clearly more or fewer of the answers.</summary>
    FillRate = 4,
}
