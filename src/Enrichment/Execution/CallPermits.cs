using System.Collections.Concurrent;

namespace Enrichment.Execution;

/// <summary>What may be called now: by the host's bound on calls in flight, and by the limits of vendors.</summary>
internal sealed class CallPermits(CallSlots slots, Limits limits, TimeProvider time)
{
    private readonly ConcurrentDictionary<(int Batch, short Stage), long> waiting = new();
    private long refusals;

    /// <summary>Changes whenever a claim was refused because the host has enough calls in flight.</summary>
    public long Refusals => Interlocked.Read(ref refusals);

    /// <summary>The task to take before permits are asked for; it ends when calls have ended.</summary>
    public Task Returned => slots.Returned;

    /// <summary>Whether calls of a limit are in hand that no loop has taken.</summary>
    public bool HasSpare => limits.HasSpare;

    /// <summary>Stages of which nothing can be sent now, and until when at least one of them may.</summary>
    public (IReadOnlyCollection<(int Batch, short Stage)> Stages, TimeSpan Shortest) Resting()
    {
        var (stages, shortest) = limits.Resting();
        if (waiting.IsEmpty)
        {
            return (stages, shortest);
        }

        var now = time.GetTimestamp();
        var full = new List<(int Batch, short Stage)>();
        foreach (var (stage, since) in waiting)
        {
            if (time.GetElapsedTime(since, now) < CallSlots.Patience)
            {
                full.Add(stage);
            }
            else
            {
                waiting.TryRemove(new(stage, since));
            }
        }

        return full.Count == 0 ? (stages, shortest) : ([.. stages, .. full], shortest > TimeSpan.Zero && shortest < CallSlots.Patience ? shortest : CallSlots.Patience);
    }

    /// <summary>Takes permits for the calls of so many items, or of fewer.</summary>
    /// <returns>Null if none can be called now.</returns>
    public async Task<CallAllowance?> TryTakeAsync(StagePlan plan, int items, CancellationToken stop)
    {
        var bulk = plan.Stage.Manifest.BulkSize ?? 1;
        var calls = Math.Max(1, (items + bulk - 1) / bulk);
        var own = plan.Stage.Manifest.Effects == Effects.Pure ? null : slots;
        if (own is not null && (calls = own.TryTake(plan.Batch.Client, calls)) == 0)
        {
            Interlocked.Increment(ref refusals);
            return null;
        }

        var allowance = new CallAllowance(own, plan.Batch.Client, calls);
        if (plan.Stage.Limits is not { } stated)
        {
            return allowance;
        }

        try
        {
            var gate = await limits.FindAsync(plan, stated, stop).ConfigureAwait(false);
            if (await gate.TakeTurnAsync(calls, stop).ConfigureAwait(false) is not { } turn)
            {
                return null;
            }

            allowance.Keep(turn.Left);
            return allowance.Take(gate, turn);
        }
        finally
        {
            await allowance.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Tells that items of a stage were claimed for which there were no permits, so that they are not claimed again at once.</summary>
    public void Refuse(StagePlan plan) => waiting[(plan.Batch.Key, plan.Number)] = time.GetTimestamp();
}
