using Microsoft.Extensions.Hosting;

namespace Enrichment.Execution;

/// <summary>The worker as a hosted service. Stopping it drains: the host's shutdown time-out should be above <see cref="WorkerOptions.DrainTimeout"/>.</summary>
internal sealed class WorkerHost(EnrichmentEngine engine, Worker worker) : BackgroundService
{
    // Before the host counts as started: whoever uploads right after finds the tables.
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await engine.MigrateAsync(cancellationToken).ConfigureAwait(false);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await worker.RunAsync(WorkUntil.Stopped, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped while it waited to begin: there is nothing to drain.
        }
    }
}
