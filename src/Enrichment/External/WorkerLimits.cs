using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>
/// Keeps vendors' rate limits for external workers. A permit block is leased for the items of a claim. The lease's name holds the block's
/// number, so the block is renewed and given back with the lease.
/// </summary>
/// <remarks>The two caches only save queries: nothing is wrong if they are empty. Thread-safe.</remarks>
internal sealed class WorkerLimits(IRateLimitStore store, TimeProvider time)
{
    // A cache of this size is emptied, and fills again.
    private const int MostRemembered = 10_000;

        // For a claim that lost a race for a limit which had no row before: it can try again at once.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(5);

        // A pause may end early, and other work may come, so a stage is tried again after this time at the latest.
    private static readonly TimeSpan LongestRest = PermitRequest.LongestBlock;

    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> met = new();
    private readonly ConcurrentDictionary<(LimitKey Limit, string Client), long> rests = new();

        /// <summary>Stores which limit a stage has, so that its waiting items can show the limit as the reason.</summary>
    public async ValueTask MeetAsync(StagePlan stage, CancellationToken cancellationToken)
    {
        if (stage.Stage.Limits is not null && !met.ContainsKey((stage.Batch.Key, stage.Number)))
        {
            await store
                .BindLimitAsync(stage.Batch.Key, stage.Number, stage.Account, stage.CountsUntilAnswered, cancellationToken)
                .ConfigureAwait(false);
            Remember(met, (stage.Batch.Key, stage.Number), (byte)0);
        }
    }

        /// <summary>How long a stage gets no permits, as far as this host knows.</summary>
    public TimeSpan Rest(StagePlan stage) => stage.Stage.Limits is not null
        && rests.TryGetValue((stage.Account, stage.Batch.Client), out var until)
        && time.GetTimestamp() is var now && until > now
            ? time.GetElapsedTime(now, until)
            : TimeSpan.Zero;

        /// <summary>Leases a block of permits, at most as many as asked for.</summary>
    /// <returns>Null if no permit is free; <see cref="Rest"/> says for how long.</returns>
    public async Task<WorkerBlock?> LeaseAsync(StagePlan stage, CallLimits limits, WorkRequest request, int calls)
    {
        var key = stage.Account;

        // Not cancelled half-way: a block that was leased but not returned here would count as in flight until its lease ends.
        var leased = await store
            .LeasePermitsAsync(
                PermitRequest.Of(limits, key, stage.Batch.Client, request.Worker, calls, request.Lease),
                CancellationToken.None)
            .ConfigureAwait(false);
        if (leased.Block > 0)
        {
            return new(leased, limits, time.GetTimestamp(), time);
        }

        var rest = TimeSpan.FromTicks(Math.Clamp(leased.Wait.Ticks, ShortestRest.Ticks, LongestRest.Ticks));
        Remember(rests, (key, stage.Batch.Client), time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));
        return null;
    }

        /// <summary>Renews a block together with its lease.</summary>
    public Task RenewAsync(LeaseHandle held, StagePlan stage, TimeSpan duration) => BlockOf(held, stage) is { } block
        ? Task.Run(() => store.RenewBlocks(held.Worker, [block], duration)) // On a thread of the pool: the port's renewal is synchronous.
        : Task.CompletedTask;

    /// <summary>
    /// Applies a worker's outcomes to the limit, for all hosts and workers: a vendor that asks to slow down or fails too often gets a
    /// pause.
    /// </summary>
    public async Task NoteAsync(StagePlan stage, IReadOnlyCollection<StepOutcome> outcomes)
    {
        if (stage.Stage.Limits is not { } limits)
        {
            return;
        }

        var key = stage.Account;
        var usedUp = outcomes.Any(outcome => outcome.ErrorClass == ErrorClass.OutOfCredits);
        var slowdowns = outcomes
            .Where(outcome => outcome is { Kind: StepOutcomeKind.RateLimited, ErrorClass: not ErrorClass.OutOfCredits })
            .ToList();
        // A vendor that asks to slow down does answer.
        var failures = slowdowns.Count > 0 ? 0 : outcomes.Count(outcome => IsFailure(outcome.Kind));
        var answered = usedUp || outcomes.Any(outcome => IsAnswer(outcome.Kind));
        if ((failures > 0 || answered)
            && await store.CountFailuresAsync(key, failures, answered, limits.BreakAfter, CancellationToken.None).ConfigureAwait(false))
        {
            await store.PauseLimitAsync(key, BlockEnd.FirstPause, failing: true, CancellationToken.None).ConfigureAwait(false);
        }

        if (slowdowns.Count > 0)
        {
            var (retry, spread) = (stage.Stage.Retry, Random.Shared.NextDouble());
            var after = slowdowns.Max(outcome => outcome.RetryAfter);
            TimeSpan? asked = after > TimeSpan.Zero ? Bearable(retry.Delay(tries: 1, spread, after)) : null;
            var (first, longest) = (retry.Delay(tries: 1, spread), Bearable(retry.Delay(int.MaxValue, spread)));
            await store.SlowDownAsync(key, asked, first, longest, CancellationToken.None).ConfigureAwait(false);
        }
    }

        /// <summary>Gives a block back together with its lease.</summary>
    /// <param name="held">The lease.</param>
    /// <param name="stage">Its stage.</param>
    /// <param name="last">The last outcomes. If the block is the one trial call to a failing vendor, these are all its outcomes.</param>
    public async Task EndAsync(LeaseHandle held, StagePlan stage, params IReadOnlyCollection<StepOutcomeKind> last)
    {
        if (BlockOf(held, stage) is { } block)
        {
            await store
                .ReturnPermitsAsync(new(block, Unused: 0, last.Any(IsAnswer), last.Any(IsFailure)), CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Gives back a block from which the worker got no call.</summary>
    public Task ForgoAsync(StagePlan stage, WorkerBlock? block) =>
        block is null
            ? Task.CompletedTask
            : store.ReturnPermitsAsync(
                new(new(stage.Account, block.Number), block.Calls, Answered: false, Failed: false),
                CancellationToken.None);

        // No operator can end such a pause early, so it has a longest length.
    private static TimeSpan Bearable(TimeSpan pause) => pause < RetryPolicy.LongestRetryAfter ? pause : RetryPolicy.LongestRetryAfter;

    private static bool IsFailure(StepOutcomeKind outcome) => outcome is StepOutcomeKind.Retry or StepOutcomeKind.Unknown;

    private static bool IsAnswer(StepOutcomeKind outcome) =>
        outcome is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.Failed;

    private static HeldBlock? BlockOf(LeaseHandle held, StagePlan stage) =>
        held.Block > 0 && stage.Stage.Limits is not null ? new(stage.Account, held.Block) : null;

    private static void Remember<TKey, TValue>(ConcurrentDictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull
    {
        if (known.Count >= MostRemembered)
        {
            known.Clear();
        }

        known[key] = value;
    }
}
