using System.Reflection;
using Enrichment.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore.Tests;

/// <summary>A store that takes no deliveries while it is told to fail, and is the chosen one in everything else.</summary>
public class StoreThatFails : DispatchProxy
{
    private IEnrichmentStore store = null!;
    private Func<bool> fails = null!;

    /// <summary>Puts it before the store that was chosen.</summary>
    public static void PutBefore(EnrichmentBuilder builder, Func<bool> fails)
    {
        var chosen = builder.Services.Last(service => service.ServiceType == typeof(IEnrichmentStore)).ImplementationFactory!;
        builder.UseStore(services =>
        {
            var before = Create<IEnrichmentStore, StoreThatFails>();
            ((StoreThatFails)(object)before).store = (IEnrichmentStore)chosen(services);
            ((StoreThatFails)(object)before).fails = fails;
            return before;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IEnrichmentStore.ReceiveAsync) && fails()
        ? Task.FromException<IReadOnlyList<bool>>(new IOException("The store is out of reach."))
        : targetMethod.Invoke(store, BindingFlags.DoNotWrapExceptions, null, args, null);
}
