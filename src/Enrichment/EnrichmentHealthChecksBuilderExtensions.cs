using Enrichment;
using Enrichment.Diagnostics;
using Enrichment.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the engine's health checks to a host.</summary>
public static class EnrichmentHealthChecksBuilderExtensions
{
    // Longer than a healthy store needs, and shorter than the default time-out of orchestrators.
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Adds the checks <c>enrichment-worker</c>, tagged <c>live</c>, and <c>enrichment-store</c> and <c>enrichment-schema</c>, tagged
    /// <c>ready</c>.
    /// </summary>
    /// <remarks>
    /// A store that is away makes a host unready. It does not make it unhealthy in the sense of <c>live</c>: a restart would not bring the
    /// store back.
    /// </remarks>
    /// <param name="builder">As <c>AddHealthChecks</c> returns it. The engine may be added before or after.</param>
    public static IHealthChecksBuilder AddEnrichmentHealthChecks(this IHealthChecksBuilder builder) => builder
        .Add(new(
            "enrichment-worker",
            services => new WorkerHealthCheck(
                services.GetRequiredService<Telemetry>(),
                services.GetRequiredService<WorkerOptions>(),
                services.GetServices<IHostedService>()),
            HealthStatus.Unhealthy,
            ["live"]))
        .Add(Store("enrichment-store", needsSchema: false))
        .Add(Store("enrichment-schema", needsSchema: true));

    private static HealthCheckRegistration Store(string name, bool needsSchema) => new(
        name, services => new StoreHealthCheck(services.GetRequiredService<IEnrichmentStore>(), needsSchema), HealthStatus.Unhealthy, ["ready"], StoreTimeout);
}
