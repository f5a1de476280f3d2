namespace Enrichment.Storage;

/// <summary>Batches that are known to be there.</summary>
internal static class KnownBatches
{
    /// <summary>A batch by its inner key, which is known to be one.</summary>
    /// <exception cref="InvalidOperationException">There is no such batch.</exception>
    public static async Task<Batch> LoadBatchAsync(this IBatchStore store, int batch, CancellationToken cancellationToken) =>
        await store.FindBatchAsync(batch, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"There is no batch with the inner key {batch}.");
}
