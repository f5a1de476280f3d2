using Enrichment.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Enrichment.Hosting;

/// <summary>
/// Whether the loops of the host's worker run. It reads no store: a store that does not answer is no reason to restart a host.
/// </summary>
/// <param name="telemetry">Told of each turn.</param>
/// <param name="options">How often the loops run.</param>
/// <param name="worker">The worker; null if the host has none.</param>
internal sealed class WorkerHealthCheck(Telemetry telemetry, EngineOptions options, WorkerHost? worker) : IHealthCheck
{
    // Above every time-out that drivers have by default: a store that swallows what it is sent delays a turn by as much.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            worker switch
            {
                { Refusal: { } refusal } => new HealthCheckResult(context.Registration.FailureStatus, $"The worker has stopped. {refusal}"),
                { ExecuteTask: { IsFaulted: true, Exception: { } fault } } => new(
                    context.Registration.FailureStatus,
                    "The worker has failed. Restart the host.",
                    fault.InnerException),
                _ => telemetry.SinceTurn is { } since && since > Patience + (2 * options.Worker.SweepInterval)
                    ? new(context.Registration.FailureStatus, $"No loop of the worker has run for {since}. Restart the host.")
                    : HealthCheckResult.Healthy(),
            });
}
