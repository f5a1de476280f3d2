using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Steps;

/// <summary>
/// How a host makes a step for its calls: one instance for all calls, or, if it needs scoped services, one for each call.
/// </summary>
internal sealed class StepActivation
{
    private readonly StepDescriptor step;
    private readonly IServiceProvider services;
    private readonly IEnrichmentStep? shared;

    /// <summary>Makes the one instance, unless the step needs scoped services.</summary>
    public StepActivation(StepDescriptor step, IServiceProvider services, StepLifetimes lifetimes)
    {
        this.step = step;
        this.services = services;
        var root = new LifetimeWatch(services, lifetimes);
        try
        {
            shared = Make(root);
            root.End();
        }
        catch (ScopeNeededException)
        {
            // Made for each call.
        }
    }

    /// <summary>The step for one call.</summary>
    public StepUse Begin()
    {
        if (shared is not null)
        {
            return new(shared, null);
        }

        var scope = services.CreateAsyncScope();
        try
        {
            return new(Make(scope.ServiceProvider), scope);
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private IEnrichmentStep Make(IServiceProvider from) =>
        step.Factory?.Invoke(from) ?? (IEnrichmentStep)ActivatorUtilities.GetServiceOrCreateInstance(from, step.Type!);

    /// <summary>The host's services, until the step requests one that needs a scope.</summary>
    private sealed class LifetimeWatch(IServiceProvider services, StepLifetimes lifetimes) : IKeyedServiceProvider
    {
        private bool ended;

        /// <summary>The instance is made: services that it requests later are not checked.</summary>
        public void End() => ended = true;

        public object? GetService(Type serviceType) => services.GetService(Watched(serviceType, null));

        public object? GetKeyedService(Type serviceType, object? serviceKey) =>
            ((IKeyedServiceProvider)services).GetKeyedService(Watched(serviceType, serviceKey), serviceKey);

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
            ((IKeyedServiceProvider)services).GetRequiredKeyedService(Watched(serviceType, serviceKey), serviceKey);

        private Type Watched(Type service, object? key) =>
            ended || !lifetimes.NeedsScope(service, key) ? service : throw new ScopeNeededException();
    }

#pragma warning disable CA1032, CA1064 // Never seen outside.
    private sealed class ScopeNeededException : Exception;
#pragma warning restore CA1032, CA1064
}
