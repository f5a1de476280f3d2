using System.Diagnostics.Metrics;
using Enrichment;
using Enrichment.Callbacks;
using Enrichment.Consolidation;
using Enrichment.Diagnostics;
using Enrichment.External;
using Enrichment.Hosting;
using Enrichment.Json;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Retention;
using Enrichment.Steps;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the engine to a host.</summary>
public static class EnrichmentServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="EnrichmentEngine"/> made of what <paramref name="describe"/> says.</summary>
    /// <exception cref="EnrichmentException">
    /// Steps or definitions contradict each other; the message lists every problem. Or the process runs without ICU.
    /// </exception>
    /// <exception cref="InvalidOperationException">An engine was added before.</exception>
    public static IServiceCollection AddEnrichment(this IServiceCollection services, Action<EnrichmentBuilder> describe)
    {
        if (services.Any(service => service.ServiceType == typeof(Definitions)))
        {
            throw new InvalidOperationException("AddEnrichment was called twice. Describe the whole engine in one call.");
        }

        UnicodeData.Require();
        ReflectionJson.Require();
        var builder = new EnrichmentBuilder(services);
        services.AddHostedService<StartCheck>(); // Before the worker, which describe may add.
        describe(builder);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new Definitions(
            builder.Pipelines, builder.Workstreams, builder.Clients, builder.Projections, builder.Secrets, builder.Trust, builder.Works));
        services.AddSingleton(new StepCatalogue(builder.Steps, builder.Declared));
        services.AddSingleton(_ => new EngineOptions(builder.Worker, builder.Retention, builder.Callbacks, builder.Configuration));
        services.AddSingleton(provider => provider.GetRequiredService<EngineOptions>().Worker);
        services.AddSingleton(provider => new JsonGate(provider.GetRequiredService<WorkerOptions>().MaxResultBytes));
        services.AddSingleton(provider => new StepActivator(
            provider.GetRequiredService<StepCatalogue>(),
            provider,
            new(services),
            builder.Secrets,
            provider.GetRequiredService<WorkerOptions>()));
        services.AddSingleton(provider => new Telemetry(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IMeterFactory>(),
            builder.ClientInSpans));
        services.AddSingleton(provider => new TokenKeys(Store(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CallbackTokens>();
        services.AddSingleton(provider => new BatchPlans(
            Store(provider), Store(provider), provider.GetRequiredService<JsonGate>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkSignals>();
        services.AddSingleton(provider => new Consolidator(
            Store(provider),
            provider.GetRequiredService<Definitions>().Projections,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Consolidator>>()));
        services.AddSingleton(provider => new Pruner(
            Store(provider),
            Store(provider),
            Store(provider),
            Store(provider),
            provider.GetRequiredService<Definitions>().Projections.Count > 0));
        services.AddSingleton(provider => provider.GetRequiredService<EngineOptions>().Callbacks);
        services.AddSingleton(provider => new CallbackReceiver(
            Store(provider),
            provider.GetRequiredService<TokenKeys>(),
            provider.GetRequiredService<BatchPlans>(),
            provider.GetRequiredService<StepActivator>(),
            provider.GetRequiredService<CallbackOptions>(),
            provider.GetRequiredService<WorkSignals>().Delivered,
            Watch<CallbackReceiver>(provider)));
        services.AddSingleton(provider => new ExternalTasks(
            Store(provider),
            provider.GetRequiredService<TokenKeys>(),
            provider.GetRequiredService<BatchPlans>(),
            provider.GetRequiredService<StepCatalogue>(),
            provider.GetRequiredService<WorkSignals>().Due,
            provider.GetRequiredService<WorkerOptions>(),
            Watch<ExternalTasks>(provider)));
        services.AddSingleton(provider => new Worker(
            Store(provider),
            provider.GetRequiredService<StepCatalogue>(),
            (run, drained) => new(
                Store(provider),
                provider.GetRequiredService<StepActivator>(),
                provider.GetRequiredService<CallbackTokens>(),
                provider.GetRequiredService<BatchPlans>(),
                provider.GetRequiredService<WorkSignals>(),
                run,
                drained),
            new EndedBatches(
                provider.GetRequiredService<Consolidator>(),
                Store(provider),
                builder.Observers,
                provider.GetRequiredService<IServiceScopeFactory>(),
                Watch<Worker>(provider)),
            provider.GetRequiredService<Pruner>(),
            provider.GetRequiredService<EngineOptions>(),
            Watch<Worker>(provider)));
        services.AddSingleton(provider => new Launcher(
            Store(provider),
            provider.GetRequiredService<Definitions>(),
            provider.GetRequiredService<StepCatalogue>(),
            provider.GetRequiredService<WorkSignals>(),
            Watch<Launcher>(provider),
            provider));
        services.AddSingleton(provider => new EnrichmentEngine(
            Store(provider),
            provider.GetRequiredService<Worker>(),
            provider.GetRequiredService<Pruner>(),
            provider.GetRequiredService<Definitions>(),
            provider.GetRequiredService<StepActivator>(),
            provider.GetRequiredService<TimeProvider>(),
            (engine, slug) => new(
                slug,
                engine,
                provider.GetRequiredService<Launcher>(),
                provider.GetRequiredService<BatchPlans>(),
                provider.GetRequiredService<JsonGate>(),
                provider.GetRequiredService<WorkSignals>(),
                Watch<EnrichmentClient>(provider))));
        services.TryAddSingleton<IEnrichmentStore>(_ => throw new EnrichmentException(
            """No store is chosen. Add one line to AddEnrichment: .UseSqlite("leads.db") from the package Enrichment.Sqlite, or .UsePostgreSql(connectionString) from Enrichment.PostgreSql."""));
        return services;

        static Instruments Watch<T>(IServiceProvider provider) =>
            new(
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<T>>(),
                provider.GetRequiredService<Telemetry>());

        // The store is every port.
        static IEnrichmentStore Store(IServiceProvider provider) => provider.GetRequiredService<IEnrichmentStore>();
    }
}
