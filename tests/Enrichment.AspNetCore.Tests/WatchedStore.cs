using System.Reflection;
using Enrichment.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore.Tests;

/// <summary>The chosen store, with somebody told of each call before it is made.</summary>
public class WatchedStore : DispatchProxy
{
    private IEnrichmentStore store = null!;
    private Action<string, object?[]> told = null!;

    /// <summary>Puts it before the store that was chosen.</summary>
    public static void PutBefore(EnrichmentBuilder builder, Action<string, object?[]> told)
    {
        var chosen = builder.Services.Last(service => service.ServiceType == typeof(IEnrichmentStore)).ImplementationFactory!;
        builder.UseStore(services =>
        {
            var before = Create<IEnrichmentStore, WatchedStore>();
            ((WatchedStore)(object)before).store = (IEnrichmentStore)chosen(services);
            ((WatchedStore)(object)before).told = told;
            return before;
        });
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        told(targetMethod!.Name, args!);
        return targetMethod.Invoke(store, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
