using Enrichment.Consolidation.Filling;
using Enrichment.Drift;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Hosting;

/// <summary>What follows the end of a batch: its typed tables are filled, its answers profiled, then its observers are told.</summary>
/// <remarks>
/// Each reads from the store which ends it has yet to act on, so that neither a crash nor another host's end of a batch is missed.
/// </remarks>
internal sealed class EndedBatches(
    Consolidator consolidator,
    DriftDetector drift,
    IObserverStore store,
    IReadOnlyList<Func<Batch, IServiceProvider, CancellationToken, Task>> observers,
    IServiceScopeFactory scopes,
    Instruments instruments)
{
    private readonly BatchBackoff backoff = new(instruments.Time);

    /// <summary>Lets the store keep from now on which ends observers have yet to be told of.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) =>
        observers.Count == 0 ? Task.CompletedTask : store.BeginObservingAsync(cancellationToken);

    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await consolidator.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        await drift.CatchUpAsync(cancellationToken).ConfigureAwait(false);
        if (observers.Count == 0)
        {
            return;
        }

        foreach (var batch in await store.FindUnobservedAsync(cancellationToken).ConfigureAwait(false))
        {
            if (backoff.IsDue(batch) && await TellAsync(batch, cancellationToken).ConfigureAwait(false))
            {
                // Not interrupted: an observer that was told without a mark would be told again.
                await store.MarkObservedAsync(batch, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> TellAsync(Batch batch, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var observer in observers)
            {
                var scope = scopes.CreateAsyncScope();
                await using (scope.ConfigureAwait(false))
                {
                    await observer(batch, scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            backoff.Failed(batch);
            Log.ObserverFailed(instruments.Logger, batch.Id, exception);
            return false;
        }

        backoff.Succeeded(batch);
        return true;
    }
}
