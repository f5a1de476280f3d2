using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>The limits that this host sends under, as far as it has met them. Stages without limits cost it nothing.</summary>
internal sealed class RateLimiters(IRateLimitStore store, StoreRetry storeRetry, WorkerRun run)
{
    // Above it the oldest knowledge is simply gathered again.
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<
        (LimitKey Key, string Client, CallLimits Limits, bool ForWorkers),
        DistributedRateLimiter> limiters = new();

    private readonly ConcurrentDictionary<(int Batch, short Stage), (DistributedRateLimiter Limiter, bool Requests)> stages = new();

    /// <summary>Told of what external workers report.</summary>
    public ReportedOutcomes Reported { get; } = new(store, storeRetry);

    /// <summary>The blocks whose calls count as in flight.</summary>
    public IReadOnlyList<HeldBlock> Held => limiters.IsEmpty ? [] : [.. limiters.Values.SelectMany(limiter => limiter.Held)];

    /// <summary>Whether permits are left that no claim loop has taken.</summary>
    public bool HasSpare => limiters.Values.Any(limiter => limiter.HasSpare);

    /// <summary>
    /// Stages of which nothing can be sent now, and until when at least one of them may. Without those that make requests, which need no
    /// call.
    /// </summary>
    public (IReadOnlyCollection<(int Batch, short Stage)> Stages, TimeSpan Shortest) Resting()
    {
        if (stages.IsEmpty)
        {
            return ([], TimeSpan.Zero);
        }

        var resting = stages
            .Where(stage => !stage.Value.Requests)
            .Select(stage => (stage.Key, Pause: stage.Value.Limiter.Rest))
            .Where(stage => stage.Pause > TimeSpan.Zero)
            .ToList();
        return ([.. resting.Select(stage => stage.Key)], resting.Count == 0 ? TimeSpan.Zero : resting.Min(stage => stage.Pause));
    }

    /// <summary>How long no permit is available for a stage, as far as this host knows.</summary>
    public TimeSpan Rest(StagePlan plan) =>
        stages.TryGetValue((plan.Batch.Key, plan.Number), out var known) ? known.Limiter.Rest : TimeSpan.Zero;

    /// <summary>The limiter of a stage that has limits.</summary>
    public async ValueTask<DistributedRateLimiter> FindAsync(StagePlan plan, CallLimits limits, CancellationToken cancellationToken)
    {
        var stage = (plan.Batch.Key, plan.Number);
        if (stages.TryGetValue(stage, out var known))
        {
            return known.Limiter;
        }

        if (stages.Count >= MostRemembered)
        {
            stages.Clear();
        }

        var key = plan.Account;
        await store.BindLimitAsync(plan.Batch.Key, plan.Number, key, plan.CountsUntilAnswered, cancellationToken).ConfigureAwait(false);
        var limiter = limiters.GetOrAdd(
            (key, plan.Batch.Client, limits, plan.Stage.Manifest.External),
            known => new(store, storeRetry, key, limits, plan.Stage.Retry, plan.Batch.Client, run) { IsForWorkers = known.ForWorkers });
        return stages.GetOrAdd(stage, (limiter, plan.Stage.Entity is not null)).Limiter;
    }

    /// <summary>Tells that calls of a stage were answered: those that wait for their places need not wait for their time.</summary>
    public void Freed(StagePlan plan)
    {
        foreach (var (known, limiter) in limiters)
        {
            if (known.Key == plan.Account)
            {
                limiter.Freed();
            }
        }
    }

    /// <summary>Gives back all that is held, when the host ends.</summary>
    public Task EndAsync() => Task.WhenAll(limiters.Values.Select(limiter => limiter.ReturnAsync(all: true)));
}
