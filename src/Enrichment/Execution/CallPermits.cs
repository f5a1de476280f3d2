using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.RateLimiting;

namespace Enrichment.Execution;

/// <summary>What may be called now: by the host's bound on calls in flight, and by the limits of vendors.</summary>
internal sealed class CallPermits(StepHost host, RateLimiters limits)
{
    /// <summary>Calls that a limit holds back for longer than this are left to their date.</summary>
    public static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(int Batch, short Stage), (long Since, TimeSpan For)> waiting = new();
    private readonly TimeProvider time = host.Run.Time;
    private long refusals;

    /// <summary>Changes whenever a claim was refused because the host has enough calls in flight.</summary>
    public long Refusals => Interlocked.Read(ref refusals);

    /// <summary>The task to take before permits are requested; it ends when calls have ended.</summary>
    public Task Returned => host.Slots.Returned;

    /// <summary>Whether calls of a limit are in hand that no loop has taken.</summary>
    public bool HasSpare => limits.HasSpare;

    /// <summary>How long the limit of a stage gives no calls, or its account is left alone, as far as this host knows.</summary>
    public TimeSpan Rest(StagePlan plan) =>
        limits.Rest(plan) is var rest && host.Credits.Rest(plan) is var pause && pause > rest ? pause : rest;

    /// <summary>Whether the account of a stage is used up.</summary>
    public bool IsUsedUp(StagePlan plan) => host.Credits.Rest(plan) > TimeSpan.Zero;

    /// <summary>
    /// Whether nothing may be called for a stage because its account is used up, but for the one call that is to find out.
    /// </summary>
    public bool IsPaused(StagePlan plan) => host.Credits.IsPaused(plan);

    /// <summary>Stages of which nothing can be sent now, and until when at least one of them may.</summary>
    public (IReadOnlyCollection<(int Batch, short Stage)> Stages, TimeSpan Shortest) Resting()
    {
        var (stages, shortest) = limits.Resting();
        List<(int Batch, short Stage)> all = [.. stages];
        foreach (var (stage, rest) in host.Credits.Resting())
        {
            all.Add(stage);
            shortest = shortest > TimeSpan.Zero && shortest < rest ? shortest : rest;
        }

        var now = time.GetTimestamp();
        foreach (var (stage, rests) in waiting)
        {
            var rest = rests.For - time.GetElapsedTime(rests.Since, now);
            if (rest <= TimeSpan.Zero)
            {
                waiting.TryRemove(new(stage, rests));
                continue;
            }

            all.Add(stage);
            shortest = shortest > TimeSpan.Zero && shortest < rest ? shortest : rest;
        }

        return (all, shortest);
    }

    /// <summary>Takes permits for the calls of so many items, or of fewer.</summary>
    /// <remarks>
    /// Slots are taken with the calls of a limit, which have their moments. Without one they are taken when the calls are made: a claim is
    /// then as large as ever.
    /// </remarks>
    /// <returns>Null if none can be called now.</returns>
    public async Task<CallAllowance?> TryTakeAsync(StagePlan plan, int items, CancellationToken stop)
    {
        var (calls, client) = (Math.Max(1, (items + plan.ItemsPerCall - 1) / plan.ItemsPerCall), plan.Batch.Client);
        if (host.Credits.Rest(plan) > TimeSpan.Zero)
        {
            await host.Credits.MeetAsync(plan, stop).ConfigureAwait(false);
            return null;
        }

        // All other things that the call needs are taken first: the holder of the right to the one probing call makes that call.
        calls = host.Credits.MayProbe(plan) ? 1 : calls;
        var own = TakesSlots(plan) && plan.Stage.Limits is not null ? host.Slots : null;
        if (TakesSlots(plan) && (own is null ? !host.Slots.MayClaim(client, calls) : (calls = own.TryTake(client, calls)) == 0))
        {
            Interlocked.Increment(ref refusals);
            return null;
        }

        await using var allowance = new CallAllowance(own, client, calls);
        if (plan.Stage.Limits is not { } stated)
        {
            return await AllowAsync(plan, allowance, stop).ConfigureAwait(false);
        }

        var limiter = await limits.FindAsync(plan, stated, stop).ConfigureAwait(false);
        if (await limiter.AcquireAsync(calls, stop).ConfigureAwait(false) is not { } lease)
        {
            return null;
        }

        allowance.Keep(lease.Left);
        await using var limited = allowance.Take(limiter, lease, end: null);
        return await AllowAsync(plan, limited, stop).ConfigureAwait(false);
    }

    /// <summary>
    /// Checks whether the account is usable. The right to the one probing call is given back with the allowance, if the call was not made.
    /// </summary>
    private async Task<CallAllowance?> AllowAsync(StagePlan plan, CallAllowance allowance, CancellationToken stop)
    {
        var allowed = await host.Credits.AllowAsync(plan, allowance.Calls, plan.Stage.Timeout, stop).ConfigureAwait(false);
        if (allowed.Calls == 0)
        {
            return null;
        }

        allowance.Keep(allowed.Calls);
        return allowed.Probes ? allowance.Take(() => host.Credits.ReturnAsync(plan)) : allowance.Take();
    }

    /// <summary>Takes slots for a wave of calls of items that are claimed, and waits for them.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="calls">How many calls at most.</param>
    /// <param name="waits">Called if there are none now.</param>
    /// <param name="atMost">How long to wait.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>Null if the wait ended without any.</returns>
    public async Task<CallAllowance?> TakeWaveAsync(StagePlan plan, int calls, Action waits, TimeSpan atMost, CancellationToken stop) =>
        await host.Slots.TakeAsync(plan.Batch.Client, calls, waits, atMost, stop).ConfigureAwait(false) is > 0 and var taken
            ? new(host.Slots, plan.Batch.Client, taken)
            : null;

    /// <summary>Says that the attempts of a wave are written, or that they never will be.</summary>
    public void BeginWave(StagePlan plan, int calls) => host.Slots.Begin(plan.Batch.Client, calls);

    /// <summary>Tells that there are no permits for a stage, so that it is not tried again at once.</summary>
    public void Refuse(StagePlan plan, TimeSpan rest) => waiting[(plan.Batch.Key, plan.Number)] = (time.GetTimestamp(), rest);

    private static bool TakesSlots(StagePlan plan) => plan.Stage.Manifest is { External: false, Effects: not Effects.Pure };
}
