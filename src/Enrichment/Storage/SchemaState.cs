namespace Enrichment.Storage;

/// <summary>A store's schema in comparison to the migrations that this version knows.</summary>
internal enum SchemaState
{
    /// <summary>There is no schema.</summary>
    Missing,

    /// <summary>A migration that this version knows was not applied yet.</summary>
    Older,

    /// <summary>All were applied, and no other.</summary>
    Current,
}
