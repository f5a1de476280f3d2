using Enrichment.Plans;
using Enrichment.Scheduling;
using Enrichment.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Enrichment.Hosting;

/// <summary>
/// The worker as a hosted service. Stopping it drains: the host's shutdown time-out should be above
/// <see cref="WorkerOptions.DrainTimeout"/>.
/// </summary>
internal sealed class WorkerHost(IEnrichmentStore store, Worker worker, EngineOptions options, TimeProvider time, ILogger logger)
    : BackgroundService
{
    private static readonly TimeSpan SchemaInterval = TimeSpan.FromSeconds(1);

    private bool ready;
    private SchemaState? told;

    /// <summary>
    /// Why the worker has stopped by itself; null if it has not: a newer version has changed the schema, and this one can work no more.
    /// </summary>
    public string? Refusal { get; private set; }

    /// <summary>
    /// Migrates, or looks at the schema, before the host counts as started, so that an upload right after finds the tables. A host also
    /// starts while the store does not answer.
    /// </summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            ready = await PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreRetry.IsAway(exception))
        {
            Log.StoreAwayAtStart(logger, exception);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (ExecuteTask is { IsCompleted: false })
        {
            Log.ShutdownCutOff(logger, options.Worker.DrainTimeout);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!ready && !await new StoreRetry(time, logger).RunAsync(PrepareAsync, stoppingToken).ConfigureAwait(false))
            {
                await Task.Delay(SchemaInterval, time, stoppingToken).ConfigureAwait(false);
            }

            await worker.RunAsync(WorkUntil.Stopped, stoppingToken).ConfigureAwait(false);
        }
        catch (EnrichmentException exception)
        {
            Refusal = exception.Message;
            Log.WorkerRefused(logger, exception.Message);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it waited to begin: there is nothing to drain.
        }
    }

    /// <summary>Whether the schema is up to date now.</summary>
    private async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        if (options.Worker.MigrateAtStart)
        {
            await store.MigrateAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        var state = await store.CheckSchemaAsync(cancellationToken).ConfigureAwait(false);
        if (state != SchemaState.Current && state != told)
        {
            Log.SchemaUnready(logger, StoreSchema.Unready(state).Message);
        }

        told = state;
        return state == SchemaState.Current;
    }
}
