namespace Enrichment.Providers.Lookup;

/// <summary>What a row is that does not say when it was observed.</summary>
public enum LookupUndated
{
    /// <summary>It does not answer: nobody knows how old it is.</summary>
    Stale = 0,

    /// <summary>It answers.</summary>
    Fresh = 1,
}
