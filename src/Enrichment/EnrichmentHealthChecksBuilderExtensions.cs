using Enrichment;
using Enrichment.Diagnostics;
using Enrichment.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

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
    /// <param name="engine">
    /// The name of the engine, as <c>AddEnrichment</c> was told it: its checks are <c>enrichment-NAME-worker</c> and so on. Null: the
    /// engine without a name.
    /// </param>
    public static IHealthChecksBuilder AddEnrichmentHealthChecks(this IHealthChecksBuilder builder, string? engine = null)
    {
        var prefix = engine is null ? "enrichment" : $"enrichment-{engine}";
        return builder
            .Add(new(
                $"{prefix}-worker",
                services => new WorkerHealthCheck(
                    Find<Telemetry>(services),
                    Find<EngineOptions>(services),
                    engine is null ? services.GetService<WorkerHost>() : services.GetKeyedService<WorkerHost>(engine)),
                HealthStatus.Unhealthy,
                ["live"]))
            .Add(Store($"{prefix}-store", needsSchema: false))
            .Add(Store($"{prefix}-schema", needsSchema: true));

        HealthCheckRegistration Store(string name, bool needsSchema) => new(
            name,
            services => new StoreHealthCheck(Find<IEnrichmentStore>(services), needsSchema),
            HealthStatus.Unhealthy,
            ["ready"],
            StoreTimeout);

        T Find<T>(IServiceProvider services)
            where T : class => EngineName.Find<T>(services, engine, nameof(AddEnrichmentHealthChecks));
    }
}
