using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Consolidation.Filling;

/// <summary>
/// Brings typed tables up to date: with every batch that ends, and with those that ended before a projection was declared, or while no
/// host could fill its table. A projection that fails keeps neither others back nor retention.
/// </summary>
internal sealed class Consolidator(
    IProjectionStore store,
    IProjectionTransactions tables,
    IBatchStore batches,
    IReadOnlyCollection<Projection> projections,
    TimeSpan keepReplaced,
    TimeProvider time,
    ILogger logger)
{
    // Every batch is looked at, so not with each sweep. What ends meanwhile is found by itself.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, BatchBackoff> backoffs = projections.ToDictionary(
        projection => projection.Name, _ => new BatchBackoff(time), StringComparer.Ordinal);

    private readonly Dictionary<(string Projection, int Batch), Projection> failed = [];

    private long looked;

    /// <summary>Consolidates the batches that have ended since, for every projection of this host.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (projections.Count == 0)
        {
            return;
        }

        if (looked == 0 || time.GetElapsedTime(looked) >= BetweenLooks)
        {
            looked = time.GetTimestamp();
            foreach (var projection in projections)
            {
                await LookAsync(projection, cancellationToken).ConfigureAwait(false);
            }

            await SweepAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var ((_, batch), projection) in failed.ToList())
        {
            await FillAsync(projection, batch, cancellationToken).ConfigureAwait(false);
        }

        var hasFilled = false;
        foreach (var batch in await store.FindUnconsolidatedAsync(cancellationToken).ConfigureAwait(false))
        {
            foreach (var projection in projections)
            {
                await FillAsync(projection, batch, cancellationToken).ConfigureAwait(false);
            }

            // Also if one has failed: the failure is recorded, and the batch is found again by what its table shows.
            await store.MarkConsolidatedAsync(batch, cancellationToken).ConfigureAwait(false);
            hasFilled = true;
        }

        // A batch may have changed a list, so that others are done again.
        foreach (var projection in projections.Where(projection => hasFilled && projection.Lists.Count > 0))
        {
            await LookAsync(projection, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await new VersionSweep(tables).RunAsync(keepReplaced, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!StoreRetry.IsOutOfReach(exception) && !cancellationToken.IsCancellationRequested)
        {
            Log.ReplacedTablesKept(logger, exception);
        }
    }

    private async Task LookAsync(Projection projection, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var batch in await tables.FindToProjectAsync(projection, cancellationToken).ConfigureAwait(false))
            {
                await FillAsync(projection, batch, cancellationToken).ConfigureAwait(false);
            }

            await tables.BuildAsync(projection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!StoreRetry.IsOutOfReach(exception) && !cancellationToken.IsCancellationRequested)
        {
            Log.ProjectionFailed(logger, projection.Name, exception);
        }
    }

    private async Task FillAsync(Projection projection, int batch, CancellationToken cancellationToken)
    {
        var found = await batches.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        if (found.PrunedAt is null)
        {
            await FillAsync(projection, found, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            failed.Remove((projection.Name, batch));
        }
    }

    private async Task FillAsync(Projection projection, Batch batch, CancellationToken cancellationToken)
    {
        var backoff = backoffs[projection.Name];
        if (!backoff.IsDue(batch))
        {
            return;
        }

        try
        {
            await tables.ConsolidateAsync(projection, batch.Key, cancellationToken).ConfigureAwait(false);
            backoff.Succeeded(batch);
            failed.Remove((projection.Name, batch.Key));
        }
        catch (Exception exception) when (!StoreRetry.IsOutOfReach(exception) && !cancellationToken.IsCancellationRequested)
        {
            backoff.Failed(batch);
            failed[(projection.Name, batch.Key)] = projection;
            Log.ConsolidationFailed(logger, projection.Name, batch.Id, exception);
            await tables.RecordFailureAsync(projection, batch.Key, exception.Message, cancellationToken).ConfigureAwait(false);
        }
    }
}
