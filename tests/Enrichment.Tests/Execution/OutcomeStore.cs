using System.Reflection;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>Takes outcomes, unless its script throws; and notes each try.</summary>
public class OutcomeStore : DispatchProxy
{
    private Action<IReadOnlyList<StateChange>> script = _ => { };

    /// <summary>The items of each try, in their order.</summary>
    public List<int[]> Tries { get; } = [];

    /// <summary>What was taken, by item.</summary>
    public Dictionary<int, StateChange> Taken { get; } = [];

    /// <param name="script">Sees each try before it is taken.</param>
    public static (IEnrichmentStore Store, OutcomeStore Seen) Make(Action<IReadOnlyList<StateChange>> script)
    {
        var proxy = Create<IEnrichmentStore, OutcomeStore>();
        var seen = (OutcomeStore)(object)proxy;
        seen.script = script;
        return (proxy, seen);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
    {
        nameof(IEnrichmentStore.CommitAsync) => Take(((CommitRequest)args![0]!).Items),
        nameof(IEnrichmentStore.SettleAsync) => Take(((SettleRequest)args![0]!).Items),
        nameof(IEnrichmentStore.Renew) => new List<Lease>(),
        _ => throw new NotSupportedException(targetMethod.Name),
    };

    private Task<IReadOnlyList<int>> Take(IReadOnlyList<StateChange> items)
    {
        Tries.Add([.. items.Select(item => item.Item)]);
        try
        {
            script(items);
        }
        catch (Exception exception)
        {
            return Task.FromException<IReadOnlyList<int>>(exception);
        }

        foreach (var item in items)
        {
            Taken.Add(item.Item, item);
        }

        return Task.FromResult<IReadOnlyList<int>>([.. items.Select(item => item.Item)]);
    }
}
