using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>The accounts of a store, by a clock that several hosts share.</summary>
internal sealed class CreditStore(TimeProvider time) : UnaskedRateLimits, IAccountStore
{
    private readonly Dictionary<string, (DateTimeOffset Until, bool Probes)> accounts = [];
    private readonly Dictionary<string, DateTimeOffset> resumed = [];

    public List<string> Calls { get; } = [];

    /// <summary>Runs while the store is asked for a probe or told of a pause, as another question does that is on its way.</summary>
    public Action? Meanwhile { get; set; }

    public VendorCredits Credits => new(this, this, time);

    public override Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken)
    {
        Calls.Add(nameof(BindLimitAsync));
        return Task.CompletedTask;
    }

    public Task<bool> PauseAccountAsync(LimitKey account, TimeSpan pause, TimeSpan age, CancellationToken cancellationToken)
    {
        Calls.Add(nameof(PauseAccountAsync));
        var now = time.GetUtcNow();
        Meanwhile?.Invoke();
        var counts = !resumed.TryGetValue(account.Name, out var end) || end <= now - age;
        if (counts)
        {
            accounts[account.Name] = (now + pause, false);
        }

        return Task.FromResult(counts);
    }

    public Task<bool> ProbeAccountAsync(LimitKey account, TimeSpan hold, CancellationToken cancellationToken)
    {
        Calls.Add(nameof(ProbeAccountAsync));
        var now = time.GetUtcNow();
        Meanwhile?.Invoke();
        var won = accounts.TryGetValue(account.Name, out var state) && state.Until <= now;
        if (won)
        {
            accounts[account.Name] = (now + hold, true);
        }

        return Task.FromResult(won);
    }

    public Task ReturnProbeAsync(LimitKey account, CancellationToken cancellationToken)
    {
        Calls.Add(nameof(ReturnProbeAsync));
        accounts[account.Name] = (time.GetUtcNow(), false);
        return Task.CompletedTask;
    }

    public Task<bool> ResumeAccountAsync(LimitKey account, bool probed, CancellationToken cancellationToken)
    {
        Calls.Add(nameof(ResumeAccountAsync));
        var ends = (!probed || accounts.GetValueOrDefault(account.Name).Probes) && accounts.Remove(account.Name);
        resumed[account.Name] = ends ? time.GetUtcNow() : resumed.GetValueOrDefault(account.Name);
        return Task.FromResult(ends);
    }

    public Task<IReadOnlyList<UsedUpAccount>> ReadAccountsAsync(CancellationToken cancellationToken)
    {
        Calls.Add(nameof(ReadAccountsAsync));
        var now = time.GetUtcNow();
        return Task.FromResult<IReadOnlyList<UsedUpAccount>>(
            [.. accounts.Select(one => new UsedUpAccount(one.Key, now, one.Value.Until, one.Value.Until - now, one.Value.Probes))]);
    }
}
