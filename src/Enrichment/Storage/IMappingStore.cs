namespace Enrichment.Storage;

/// <summary>Clients' own mappings of headers to fields; append-only.</summary>
internal interface IMappingStore
{
    /// <summary>Adds a mapping, which replaces the one with its scope. The client is made if it is new.</summary>
    /// <param name="client">The client's slug.</param>
    /// <param name="mapping">Its number and time are the store's.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<int> AddMappingAsync(string client, ColumnMapping mapping, CancellationToken cancellationToken);

    /// <summary>All mappings of a client, also those that were replaced, ascending by number.</summary>
    Task<IReadOnlyList<ColumnMapping>> ReadMappingsAsync(string client, CancellationToken cancellationToken);
}
