namespace Enrichment.Storage;

/// <summary>How a store's schema stands to the migrations that this version knows.</summary>
internal enum SchemaState
{
    /// <summary>There is none.</summary>
    Missing,

    /// <summary>A migration that this version knows was not applied yet.</summary>
    Older,

    /// <summary>All were applied, and no other.</summary>
    Current,
}
