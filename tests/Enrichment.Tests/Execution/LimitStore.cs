using System.Reflection;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>What a gate asks of a store: gives the blocks that a test lays out, and notes what it is told.</summary>
public class LimitStore : DispatchProxy
{
    /// <summary>What is given next; nothing: everything is given away for a second.</summary>
    public Queue<LeasedPermits> Blocks { get; } = [];

    public List<long> Returned { get; } = [];

    public List<BlockEnd> Ends { get; } = [];

    public List<TimeSpan> Pauses { get; } = [];

    public static (IEnrichmentStore Store, LimitStore Script) Make()
    {
        var proxy = Create<IEnrichmentStore, LimitStore>();
        return (proxy, (LimitStore)(object)proxy);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        switch (targetMethod!.Name)
        {
            case nameof(IEnrichmentStore.LeasePermitsAsync):
                return Task.FromResult(Blocks.TryDequeue(out var block) ? block : new(0, 0, default, TimeSpan.FromSeconds(1)));
            case nameof(IEnrichmentStore.ReturnPermitsAsync):
                Ends.Add((BlockEnd)args![0]!);
                Returned.Add(Ends[^1].Block.Block);
                return Task.CompletedTask;
            case nameof(IEnrichmentStore.PauseLimitAsync):
                Pauses.Add((TimeSpan)args![1]!);
                return Task.CompletedTask;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }
}
