using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>The worker as a hosted service. Stopping it drains: the host's shutdown time-out should be above <see cref="WorkerOptions.DrainTimeout"/>.</summary>
internal sealed class WorkerHost(EnrichmentEngine engine, Worker worker, WorkerOptions options, TimeProvider time, ILogger<Worker> logger) : BackgroundService
{
    private bool migrated;

    /// <summary>Migrates before the host counts as started, so that whoever uploads right after finds the tables. A store that is away keeps no host from starting.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            migrated = await MigrateAsync(cancellationToken).ConfigureAwait(false);
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
            Log.ShutdownCutOff(logger, options.DrainTimeout);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (!migrated)
            {
                await new StoreRetry(time, logger).RunAsync(MigrateAsync, stoppingToken).ConfigureAwait(false);
            }

            await worker.RunAsync(WorkUntil.Stopped, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it waited to begin: there is nothing to drain.
        }
    }

    private async Task<bool> MigrateAsync(CancellationToken cancellationToken)
    {
        await engine.MigrateAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }
}
