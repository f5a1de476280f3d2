namespace Enrichment.Consolidation;

/// <summary>The record of exports.</summary>
internal interface IExportStore
{
    /// <summary>Notes that an export is about to be handed over. Returns when, by the store's clock.</summary>
    Task<DateTimeOffset> BeginExportAsync(Export export, CancellationToken cancellationToken);

    /// <summary>Notes that an export was handed over to the end. Returns when, by the store's clock.</summary>
    Task<DateTimeOffset> EndExportAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>A client's exports, the youngest first, read page by page.</summary>
    IAsyncEnumerable<Export> ReadExportsAsync(string client, CancellationToken cancellationToken);
}
