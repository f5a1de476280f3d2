using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>What vendors allow, as it is kept with external workers. A block is leased for the items of a claim, and stands in the name of their lease: with it, it is renewed and given back.</summary>
/// <remarks>What is remembered here only spares the store questions. Thread-safe.</remarks>
internal sealed class WorkerLimits(IRateLimitStore store, TimeProvider time)
{
    // Above it the oldest knowledge is simply gathered again.
    private const int MostRemembered = 10_000;

    // After a lost race for a limit that nobody knew before.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(5);

    // Meanwhile what holds a limit back may have ended, and other work may have come.
    private static readonly TimeSpan LongestRest = PermitRequest.LongestBlock;

    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> met = new();
    private readonly ConcurrentDictionary<(LimitKey Limit, string Client), long> rests = new();

    /// <summary>Notes under which limit a stage sends, so that what waits there can say so.</summary>
    public async ValueTask MeetAsync(StagePlan stage, CancellationToken cancellationToken)
    {
        if (stage.Stage.Limits is not null && !met.ContainsKey((stage.Batch.Key, stage.Number)))
        {
            await store.BindLimitAsync(stage.Batch.Key, stage.Number, stage.Account, stage.CountsUntilAnswered, cancellationToken).ConfigureAwait(false);
            Remember(met, (stage.Batch.Key, stage.Number), (byte)0);
        }
    }

    /// <summary>How long there is nothing to be had for a stage, as far as is known.</summary>
    public TimeSpan Rest(StagePlan stage) => stage.Stage.Limits is not null
        && rests.TryGetValue((stage.Account, stage.Batch.Client), out var until)
        && time.GetTimestamp() is var now && until > now
            ? time.GetElapsedTime(now, until)
            : TimeSpan.Zero;

    /// <summary>Leases a call for each of so many items, or for fewer.</summary>
    /// <returns>Null if there are none; <see cref="Rest"/> says for how long.</returns>
    public async Task<WorkerBlock?> LeaseAsync(StagePlan stage, CallLimits limits, WorkRequest request, int calls)
    {
        var key = stage.Account;

        // Not cancelled half-way: a block that nobody heard of would count as in flight.
        var leased = await store.LeasePermitsAsync(PermitRequest.Of(limits, key, stage.Batch.Client, request.Worker, calls, request.Lease), CancellationToken.None).ConfigureAwait(false);
        if (leased.Block > 0)
        {
            return new(leased, limits, time.GetTimestamp(), time);
        }

        var rest = TimeSpan.FromTicks(Math.Clamp(leased.Wait.Ticks, ShortestRest.Ticks, LongestRest.Ticks));
        Remember(rests, (key, stage.Batch.Client), time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));
        return null;
    }

    /// <summary>Prolongs a block with its lease.</summary>
    public Task RenewAsync(LeaseHandle held, StagePlan stage, TimeSpan duration) => BlockOf(held, stage) is { } block
        ? Task.Run(() => store.RenewBlocks(held.Worker, [block], duration)) // On a thread of the pool: the port's renewal is synchronous.
        : Task.CompletedTask;

    /// <summary>What the vendor said, for all: one that asks to slow down or fails too often is left alone.</summary>
    public async Task NoteAsync(StagePlan stage, IReadOnlyCollection<StepOutcome> outcomes)
    {
        if (stage.Stage.Limits is not { } limits)
        {
            return;
        }

        var key = stage.Account;
        var usedUp = outcomes.Any(outcome => outcome.ErrorClass == ErrorClass.OutOfCredits);
        var slowdowns = outcomes.Where(outcome => outcome is { Kind: StepOutcomeKind.RateLimited, ErrorClass: not ErrorClass.OutOfCredits }).ToList();
        var failures = slowdowns.Count > 0 ? 0 : outcomes.Count(outcome => IsFailure(outcome.Kind)); // It answers.
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

    /// <summary>Gives a block back with its lease.</summary>
    /// <param name="held">The lease.</param>
    /// <param name="stage">Its stage.</param>
    /// <param name="last">What was said last. If the block is the one call that is to tell whether a failing vendor answers again, that is all that was said.</param>
    public async Task EndAsync(LeaseHandle held, StagePlan stage, params IReadOnlyCollection<StepOutcomeKind> last)
    {
        if (BlockOf(held, stage) is { } block)
        {
            await store.ReturnPermitsAsync(new(block, Unused: 0, last.Any(IsAnswer), last.Any(IsFailure)), CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Gives back a block of which no call was handed out.</summary>
    public Task ForgoAsync(StagePlan stage, WorkerBlock? block) => block is null
        ? Task.CompletedTask
        : store.ReturnPermitsAsync(new(new(stage.Account, block.Number), block.Calls, Answered: false, Failed: false), CancellationToken.None);

    // Nobody can lift it.
    private static TimeSpan Bearable(TimeSpan pause) => pause < RetryPolicy.LongestRetryAfter ? pause : RetryPolicy.LongestRetryAfter;

    private static bool IsFailure(StepOutcomeKind outcome) => outcome is StepOutcomeKind.Retry or StepOutcomeKind.Unknown;

    private static bool IsAnswer(StepOutcomeKind outcome) => outcome is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.Failed;

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
