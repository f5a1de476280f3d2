using System.Diagnostics.Metrics;
using Enrichment;
using Enrichment.Callbacks;
using Enrichment.Consolidation.Filling;
using Enrichment.Diagnostics;
using Enrichment.Drift;
using Enrichment.External;
using Enrichment.Hosting;
using Enrichment.Json;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Retention;
using Enrichment.Steps;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the engine to a host.</summary>
public static class EnrichmentServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="EnrichmentEngine"/> made of what <paramref name="describe"/> says.</summary>
    /// <exception cref="EnrichmentException">
    /// Steps or definitions contradict each other; the message lists every problem. Or the process runs without ICU.
    /// </exception>
    /// <exception cref="InvalidOperationException">An engine without a name was added before.</exception>
    public static IServiceCollection AddEnrichment(this IServiceCollection services, Action<EnrichmentBuilder> describe) =>
        Add(services, null, describe);

    /// <summary>
    /// Adds an engine with a name, beside others of the same host. It has its own store, steps, definitions, options and worker, and is
    /// the keyed service of its name: <c>[FromKeyedServices("name")] EnrichmentEngine</c>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">Lower-case words joined by dots, hyphens or underscores.</param>
    /// <param name="describe">Store, steps, pipelines, projections.</param>
    /// <exception cref="EnrichmentException">As without a name; or it is no name for an engine.</exception>
    /// <exception cref="InvalidOperationException">An engine of this name was added before.</exception>
    public static IServiceCollection AddEnrichment(this IServiceCollection services, string name, Action<EnrichmentBuilder> describe) =>
        EngineName.Problem(name) is { } problem ? throw new EnrichmentException(problem) : Add(services, name, describe);

    private static IServiceCollection Add(IServiceCollection services, string? name, Action<EnrichmentBuilder> describe)
    {
        if (services.Any(service => service.ServiceType == typeof(Definitions) && Equals(service.ServiceKey, name)))
        {
            throw new InvalidOperationException(
                name is null
                    ? "AddEnrichment was called twice. Describe the whole engine in one call. A second engine needs a name: AddEnrichment(\"name\", …)."
                    : $"AddEnrichment was called twice with the name '{name}'. Describe the whole engine in one call, or give the second engine another name.");
        }

        UnicodeData.Require();
        ReflectionJson.Require();
        var builder = new EnrichmentBuilder(services, name);
        services.AddSingleton(new EngineName(name));

        // Before the worker, which describe may add.
        services.AddSingleton<IHostedService>(provider => new StartCheck(
            name,
            () => Store(provider),
            Get<EngineOptions>(provider),
            Get<Definitions>(provider),
            Get<StepCatalogue>(provider),
            Logger<StartCheck>(provider)));
        describe(builder);
        var definitions = new Definitions(
            builder.Pipelines, builder.Workstreams, builder.Clients, builder.Projections, builder.Secrets, builder.Trust, builder.Works);
        var catalogue = new StepCatalogue(builder.Steps, builder.Declared);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        Make(_ => definitions);
        Make(_ => catalogue);
        Make(provider => new EngineOptions(
            builder.Worker,
            builder.Retention,
            builder.Callbacks,
            builder.Configuration,
            name is null ? EngineName.All(provider) : [],
            Logger<EngineOptions>(provider)));
        Make(provider => Get<EngineOptions>(provider).Worker);
        Make(provider => new JsonGate(Get<WorkerOptions>(provider).MaxResultBytes));
        Make(provider => new StepActivator(
            Get<StepCatalogue>(provider),
            provider,
            new(services),
            builder.Secrets,
            Get<WorkerOptions>(provider)));
        Make(provider => new Telemetry(
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IMeterFactory>(),
            builder.ClientInSpans,
            name));
        Make(provider => new TokenKeys(Store(provider), provider.GetRequiredService<TimeProvider>()));
        Make(provider => new CallbackTokens(Get<CallbackOptions>(provider), Get<TokenKeys>(provider)));
        Make(provider => new BatchPlans(
            Store(provider), Store(provider), Get<JsonGate>(provider), provider.GetRequiredService<TimeProvider>()));
        Make(_ => new WorkSignals());
        Make(provider => new Consolidator(
            Store(provider),
            Store(provider),
            Store(provider),
            Get<Definitions>(provider).Projections,
            Get<WorkerOptions>(provider).KeepReplacedTables,
            provider.GetRequiredService<TimeProvider>(),
            Logger<Consolidator>(provider)));
        Make(provider => new DriftDetector(
            Store(provider),
            Store(provider),
            provider.GetRequiredService<TimeProvider>(),
            Logger<DriftDetector>(provider)));
        Make(provider => new Pruner(
            Store(provider),
            Store(provider),
            Store(provider),
            Store(provider),
            Get<Definitions>(provider).Projections.Count > 0));
        Make(provider => Get<EngineOptions>(provider).Callbacks);
        Make(provider => new CallbackReceiver(
            Store(provider),
            Get<TokenKeys>(provider),
            Get<BatchPlans>(provider),
            Get<StepActivator>(provider),
            Get<CallbackOptions>(provider),
            Get<WorkSignals>(provider).Delivered,
            Watch<CallbackReceiver>(provider)));
        Make(provider => new ExternalTasks(
            Store(provider),
            Store(provider),
            Store(provider),
            Get<StepCatalogue>(provider),
            Get<WorkSignals>(provider),
            Logger<ExternalTasks>(provider)));
        Make(provider => new Worker(
            Store(provider),
            Get<StepCatalogue>(provider),
            (run, drained) => new(
                Store(provider),
                Get<StepActivator>(provider),
                Get<CallbackTokens>(provider),
                Get<BatchPlans>(provider),
                Get<WorkSignals>(provider),
                run,
                drained),
            new EndedBatches(
                Get<Consolidator>(provider),
                Get<DriftDetector>(provider),
                Store(provider),
                builder.Observers,
                provider.GetRequiredService<IServiceScopeFactory>(),
                Watch<Worker>(provider)),
            Get<Pruner>(provider),
            Get<EngineOptions>(provider),
            Watch<Worker>(provider)));
        Make(provider => new Launcher(
            Store(provider),
            Get<Definitions>(provider),
            Get<StepCatalogue>(provider),
            Get<WorkSignals>(provider),
            Watch<Launcher>(provider),
            Get<StepActivator>(provider),
            provider));
        Make(provider => new EnrichmentEngine(
            Store(provider),
            Get<Worker>(provider),
            Get<Pruner>(provider),
            Get<Definitions>(provider),
            Get<StepActivator>(provider),
            provider.GetRequiredService<TimeProvider>(),
            (engine, slug) => new(
                slug,
                engine,
                Get<Launcher>(provider),
                Get<BatchPlans>(provider),
                Get<JsonGate>(provider),
                Get<WorkSignals>(provider),
                Watch<EnrichmentClient>(provider))));
        services.TryAddKeyedSingleton<IEnrichmentStore>(name, (_, _) => throw new EnrichmentException(
            """No store is chosen. Add one line to AddEnrichment: .UseSqlite("leads.db") from the package Enrichment.Sqlite, or .UsePostgreSql(connectionString) from Enrichment.PostgreSql."""));
        return services;

        void Make<T>(Func<IServiceProvider, T> make)
            where T : class => services.AddKeyedSingleton(name, (provider, _) => make(provider));

        T Get<T>(IServiceProvider provider)
            where T : class => EngineName.Get<T>(provider, name);

        ILogger Logger<T>(IServiceProvider provider) => EngineName.Logger<T>(provider, name);

        Instruments Watch<T>(IServiceProvider provider) =>
            new(
                provider.GetRequiredService<TimeProvider>(),
                Logger<T>(provider),
                Get<Telemetry>(provider));

        // The store is every port.
        IEnrichmentStore Store(IServiceProvider provider) => Get<IEnrichmentStore>(provider);
    }
}
