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
    /// Adds the checks <c>enrichment-worker</c>, tagged <c>live</c>, <c>enrichment-store</c> and <c>enrichment-schema</c>, tagged
    /// <c>ready</c>, and <c>enrichment-backlog</c>, tagged <c>backlog</c>.
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
    /// <param name="backlogPatience">
    /// How long work may be due, and no host takes any of it, until <c>enrichment-backlog</c> is degraded. Null: 15 minutes.
    /// </param>
    public static IHealthChecksBuilder AddEnrichmentHealthChecks(
        this IHealthChecksBuilder builder,
        string? engine = null,
        TimeSpan? backlogPatience = null)
    {
        var patience = backlogPatience ?? TimeSpan.FromMinutes(15);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(patience, TimeSpan.Zero, nameof(backlogPatience));
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
            .Add(Store($"{prefix}-schema", needsSchema: true))
            .Add(new(
                $"{prefix}-backlog",
                services => new BacklogHealthCheck(Find<IEnrichmentStore>(services), patience),
                HealthStatus.Degraded,
                ["backlog"],
                StoreTimeout));

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
