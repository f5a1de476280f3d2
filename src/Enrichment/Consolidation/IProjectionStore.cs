namespace Enrichment.Consolidation;

/// <summary>Which batches have yet to be brought into typed tables.</summary>
internal interface IProjectionStore
{
    /// <summary>Batches that have ended and whose typed tables do not show their end yet.</summary>
    Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken);

    /// <summary>Notes that a batch's typed tables show it as it was read: if it has changed since, it stays to be done.</summary>
    Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken);
}
