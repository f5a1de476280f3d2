using System.Reflection;
using Enrichment.Execution;
using Enrichment.Hosting;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>The accounts of a store, by a clock that several hosts share.</summary>
public class CreditStore : DispatchProxy
{
    private readonly Dictionary<string, (DateTimeOffset Until, bool Probes)> accounts = [];
    private readonly Dictionary<string, DateTimeOffset> resumed = [];
    private TimeProvider time = TimeProvider.System;

    public List<string> Calls { get; } = [];

    /// <summary>Runs while the store is asked for a probe or told of a pause, as another question does that is on its way.</summary>
    public Action? Meanwhile { get; set; }

    internal VendorCredits Credits => new((IAccountStore)(object)this, (IRateLimitStore)(object)this, time);

    public static (IEnrichmentStore Store, CreditStore Seen) Make(TimeProvider time)
    {
        var proxy = Create<IEnrichmentStore, CreditStore>();
        var seen = (CreditStore)(object)proxy;
        seen.time = time;
        return (proxy, seen);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add(targetMethod!.Name);
        var name = args![0] is LimitKey key ? key.Name : "";
        var now = time.GetUtcNow();
        switch (targetMethod.Name)
        {
            case nameof(IEnrichmentStore.BindLimitAsync):
                return Task.CompletedTask;
            case nameof(IEnrichmentStore.PauseAccountAsync):
                Meanwhile?.Invoke();
                var counts = !resumed.TryGetValue(name, out var end) || end <= now - (TimeSpan)args[2]!;
                if (counts)
                {
                    accounts[name] = (now + (TimeSpan)args[1]!, false);
                }

                return Task.FromResult(counts);
            case nameof(IEnrichmentStore.ProbeAccountAsync):
                Meanwhile?.Invoke();
                var won = accounts.TryGetValue(name, out var account) && account.Until <= now;
                if (won)
                {
                    accounts[name] = (now + (TimeSpan)args[1]!, true);
                }

                return Task.FromResult(won);
            case nameof(IEnrichmentStore.ReturnProbeAsync):
                accounts[name] = (now, false);
                return Task.CompletedTask;
            case nameof(IEnrichmentStore.ResumeAccountAsync):
                var ends = (!(bool)args[1]! || accounts.GetValueOrDefault(name).Probes) && accounts.Remove(name);
                resumed[name] = ends ? now : resumed.GetValueOrDefault(name);
                return Task.FromResult(ends);
            case nameof(IEnrichmentStore.ReadAccountsAsync):
                return Task.FromResult<IReadOnlyList<UsedUpAccount>>(
                    [.. accounts.Select(one => new UsedUpAccount(one.Key, now, one.Value.Until, one.Value.Until - now, one.Value.Probes))]);
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }
}
