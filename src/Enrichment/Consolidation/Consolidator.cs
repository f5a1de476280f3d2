using Enrichment.Plans;
using Microsoft.Extensions.Logging;

namespace Enrichment.Consolidation;

/// <summary>Brings typed tables up to date: with every batch that ends, and on demand.</summary>
internal sealed class Consolidator(
    IProjectionStore store,
    IReadOnlyCollection<Projection> projections,
    TimeProvider time,
    ILogger logger)
{
    private readonly BatchBackoff backoff = new(time);

    /// <summary>
    /// Consolidates the batches that have ended since, for every projection of this host. One that fails keeps no other back.
    /// </summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (projections.Count == 0)
        {
            return;
        }

        foreach (var batch in await store.FindUnconsolidatedAsync(cancellationToken).ConfigureAwait(false))
        {
            if (backoff.IsDue(batch))
            {
                await CatchUpAsync(batch, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task CatchUpAsync(Batch batch, CancellationToken cancellationToken)
    {
        var failed = false;
        foreach (var projection in projections)
        {
            try
            {
                await store.ConsolidateAsync(projection, batch.Key, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!StoreRetry.IsOutOfReach(exception) && !cancellationToken.IsCancellationRequested)
            {
                failed = true;
                Log.ConsolidationFailed(logger, projection.Name, batch.Id, exception);
            }
        }

        if (failed)
        {
            backoff.Failed(batch);
            return;
        }

        backoff.Succeeded(batch);
        await store.MarkConsolidatedAsync(batch, cancellationToken).ConfigureAwait(false);
    }
}
