namespace Enrichment.Providers.Lookup;

/// <summary>How a row without a date counts.</summary>
public enum LookupUndated
{
    /// <summary>It does not answer, because its age is unknown.</summary>
    Stale = 0,

    /// <summary>It answers.</summary>
    Fresh = 1,
}
