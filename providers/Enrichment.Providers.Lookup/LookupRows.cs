namespace Enrichment.Providers.Lookup;

/// <summary>What several rows of one key mean.</summary>
public enum LookupRows
{
    /// <summary>A fault: of the item in a query, of the whole table in a file.</summary>
    One = 0,

    /// <summary>The one observed last answers; one without date only if there is no other.</summary>
    Freshest = 1,
}
