using System.Reflection;
using Enrichment.Hosting;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A store of which one operation is held, once it was begun, until it is let go; all else is the real store's.</summary>
public class HeldStore : DispatchProxy
{
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IEnrichmentStore? store;
    private string held = "";

    /// <summary>Ends when the operation was begun.</summary>
    public Task Begun => begun.Task;

    /// <param name="store">The real store. It stays the caller's to dispose.</param>
    /// <param name="held">The name of an operation that returns a <see cref="Task{TResult}"/> of a number, or of nothing that is looked at.</param>
    public static IEnrichmentStore Over(IEnrichmentStore store, string held)
    {
        var proxy = Create<IEnrichmentStore, HeldStore>();
        ((HeldStore)(object)proxy).store = store;
        ((HeldStore)(object)proxy).held = held;
        return proxy;
    }

    public void LetGo() => open.TrySetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name != held)
        {
            return targetMethod.Invoke(store, args);
        }

        var result = targetMethod.ReturnType.GetGenericArguments()[0];
        return typeof(HeldStore).GetMethod(nameof(HoldAsync), BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(result).Invoke(this, [targetMethod, args]);
    }

    private async Task<T> HoldAsync<T>(MethodInfo operation, object?[]? args)
    {
        begun.TrySetResult();
        await open.Task;
        return await (Task<T>)operation.Invoke(store, args)!;
    }
}
