using System.Collections.Concurrent;
using Enrichment.Plans;
using Microsoft.Extensions.Logging;

namespace Enrichment.Consolidation;

/// <summary>Brings typed tables up to date: with every batch that ends, and on demand.</summary>
internal sealed class Consolidator(IProjectionStore store, IReadOnlyCollection<Projection> projections, TimeProvider time, ILogger<Consolidator> logger)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(15);

    // A fault may pass or be mended outside: what failed is tried again, more and more rarely.
    private readonly ConcurrentDictionary<(int Batch, int Version), Failure> failures = new();

    /// <summary>Consolidates the batches that have ended since, for every projection of this host. One that fails keeps no other back.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        if (projections.Count == 0)
        {
            return;
        }

        foreach (var batch in await store.FindUnconsolidatedAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!failures.TryGetValue((batch.Key, batch.Version), out var failure) || time.GetElapsedTime(failure.Since) >= failure.Wait)
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
            failures.AddOrUpdate(
                (batch.Key, batch.Version), _ => new(time.GetTimestamp(), FirstWait), (_, last) => new(time.GetTimestamp(), TimeSpan.FromTicks(Math.Min(2 * last.Wait.Ticks, LongestWait.Ticks))));
            return;
        }

        failures.TryRemove((batch.Key, batch.Version), out _);
        await store.MarkConsolidatedAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    private readonly record struct Failure(long Since, TimeSpan Wait);
}
