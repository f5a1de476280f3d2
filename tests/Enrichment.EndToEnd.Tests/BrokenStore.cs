using System.Reflection;
using Enrichment.Hosting;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A store of which some operations fail, each with its own name as the message; the others are the real store's.</summary>
public class BrokenStore : DispatchProxy
{
    private IEnrichmentStore? store;
    private string[] broken = [];

    /// <param name="store">The real store. It stays the caller's to dispose.</param>
    /// <param name="broken">The names of operations that return a <see cref="Task"/>.</param>
    public static IEnrichmentStore Over(IEnrichmentStore store, params string[] broken)
    {
        var proxy = Create<IEnrichmentStore, BrokenStore>();
        ((BrokenStore)(object)proxy).store = store;
        ((BrokenStore)(object)proxy).broken = broken;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        broken.Contains(targetMethod!.Name) ? Task.FromException(new IOException(targetMethod.Name)) : targetMethod.Invoke(store, args);
}
