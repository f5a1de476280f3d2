namespace Enrichment.Consolidation.Tables;

/// <summary>What becomes of a version of a projection. Columns hold the number.</summary>
internal enum VersionStatus
{
    /// <summary>Its table is filled, and nobody reads it.</summary>
    Building = 1,

    /// <summary>The view shows it.</summary>
    Live = 2,

    /// <summary>It was replaced, and its table is still there.</summary>
    Kept = 3,

    /// <summary>Its table is gone.</summary>
    Dropped = 4,
}
