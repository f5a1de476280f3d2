using System.Collections.Concurrent;
using Enrichment.Execution;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Consolidation;

/// <summary>Brings typed tables up to date: with every batch that ends, and on demand.</summary>
internal sealed class Consolidator(IEnrichmentStore store, Definitions definitions, ILogger<Consolidator> logger)
{
    // What failed is not tried again by itself: the same rows would fail the same way until someone mends the definition.
    private readonly ConcurrentDictionary<(int Batch, int Version), byte> failed = new();

    /// <summary>Consolidates the batches that have ended since, for every projection of this host.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (definitions.Projections.Count == 0)
        {
            return;
        }

        foreach (var batch in await store.FindUnconsolidatedAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!failed.ContainsKey((batch.Key, batch.Version)))
            {
                await CatchUpAsync(batch, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CatchUpAsync(Batch batch, CancellationToken cancellationToken)
    {
        foreach (var projection in definitions.Projections)
        {
            try
            {
                await store.ConsolidateAsync(projection, batch.Key, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!StoreCalls.IsOutOfReach(exception) && !cancellationToken.IsCancellationRequested)
            {
                failed.TryAdd((batch.Key, batch.Version), 0);
                Log.ConsolidationFailed(logger, projection.Name, batch.Id, exception);
                return;
            }
        }

        await store.MarkConsolidatedAsync(batch, cancellationToken).ConfigureAwait(false);
    }
}
