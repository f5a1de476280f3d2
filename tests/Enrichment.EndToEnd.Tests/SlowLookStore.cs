using System.Reflection;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A store in which it takes long to see what is due; all else is the real store's.</summary>
public class SlowLookStore : DispatchProxy
{
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(60);

    private IEnrichmentStore? store;

    /// <param name="store">The real store. It stays the caller's to dispose.</param>
    public static IEnrichmentStore Over(IEnrichmentStore store)
    {
        var proxy = Create<IEnrichmentStore, SlowLookStore>();
        ((SlowLookStore)(object)proxy).store = store;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == nameof(IEnrichmentStore.FindDueAsync)
        ? LookAsync((Task<DueWork>)targetMethod.Invoke(store, args)!)
        : targetMethod.Invoke(store, args);

    private static async Task<DueWork> LookAsync(Task<DueWork> look)
    {
        var seen = await look;
        await Task.Delay(Takes, TimeProvider.System);
        return seen;
    }
}
