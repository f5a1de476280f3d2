using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Steps;

/// <summary>
/// Which services of the host live no longer than a scope. A step that needs one gets an instance for each call, because one instance would
/// serve a thousand calls at once.
/// </summary>
internal sealed class StepLifetimes(IServiceCollection services)
{
    /// <summary>Whether a service is scoped, is made of a scoped one, or is transient and made by code that may request anything.</summary>
    public bool NeedsScope(Type service, object? key = null) => NeedsScope(service, key, []);

    private bool NeedsScope(Type service, object? key, HashSet<Type> above)
    {
        if (service == typeof(IServiceProvider))
        {
            return true; // It may request anything, at any time.
        }

        if (service.IsConstructedGenericType && service.GetGenericTypeDefinition() == typeof(IEnumerable<>))
        {
            var element = service.GetGenericArguments()[0];
            return services.Any(candidate => Is(candidate, element, key) && NeedsScope(candidate, above));
        }

        return above.Add(service)
            && services.LastOrDefault(candidate => Is(candidate, service, key)) is { } found
            && NeedsScope(found, above);
    }

    private bool NeedsScope(ServiceDescriptor service, HashSet<Type> above) =>
        service.Lifetime switch
        {
            ServiceLifetime.Singleton => false,
            ServiceLifetime.Scoped => true,
            _ => (service.IsKeyedService ? service.KeyedImplementationType : service.ImplementationType) is not { } type
                || type.GetConstructors()
                    .Any(constructor => constructor.GetParameters().Any(parameter => NeedsScope(parameter.ParameterType, null, above))),
        };

    private static bool Is(ServiceDescriptor candidate, Type service, object? key) =>
        Equals(candidate.IsKeyedService ? candidate.ServiceKey : null, key)
        && (candidate.ServiceType == service
            || (service.IsConstructedGenericType && candidate.ServiceType == service.GetGenericTypeDefinition()));
}
