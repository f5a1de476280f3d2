using Enrichment.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Enrichment.Hosting;

/// <summary>
/// Whether hosts take the work that is due. The check reads the store itself, because it matters most where no worker lives that could have
/// read it.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="patience">How long work may be due, and no host takes any of its stage.</param>
internal sealed class BacklogHealthCheck(IDueWorkStore store, TimeSpan patience) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var backlog = await store.ReadBacklogAsync(cancellationToken).ConfigureAwait(false);
            return backlog.Untaken > patience
                ? new(
                    context.Registration.FailureStatus,
                    $"Work has been due for {DurationWords.Of(backlog.Untaken)}, and no host takes it. Start a worker that has its step; GetProgressAsync and ListMissingStepsAsync tell which.")
                : HealthCheckResult.Healthy();
        }
#pragma warning disable CA1031 // Whatever keeps the store from answering is told by the check of the store; here it is no more than unknown.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new(context.Registration.FailureStatus, "The backlog cannot be read. The exception says why.", exception);
        }
    }
}
