using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Turns what happened to an item into what becomes of its state: the one place where outcomes meet the state machine. Pure.</summary>
internal sealed class Verdict(StageSnapshot stage, bool last, JsonGate gate)
{
    /// <summary>A step's answer.</summary>
    /// <param name="item">As claimed.</param>
    /// <param name="outcome">The answer.</param>
    /// <param name="random">From 0 to 1, for the spread of the backoff.</param>
    public ItemCommit Of(ClaimedItem item, StepOutcome outcome, double random)
    {
        var attempt = Begun(item) with { Outcome = outcome.Kind, Cost = outcome.Cost, Error = ErrorText.Of(outcome.Reason), ErrorClass = outcome.ErrorClass };
        var tried = attempt with { Tries = (short)(item.Tries + 1) };
        return outcome.Kind switch
        {
            StepOutcomeKind.Completed => Complete(tried, outcome.Result),
            StepOutcomeKind.NotFound => Complete(tried, "{}"u8.ToArray()),
            StepOutcomeKind.Skipped => attempt with { Status = Next(StateEvent.NothingToDo), Advances = !last },
            StepOutcomeKind.Retry => Retry(tried, random, outcome.RetryAfter),
            StepOutcomeKind.RateLimited => attempt with
            {
                Status = Next(StateEvent.Deferred), Waits = WaitReason.RateLimit, Delay = stage.Retry.Delay(attempt.Tries + 1, random, outcome.RetryAfter),
            },
            StepOutcomeKind.Unknown => Unknown(tried, random),
            _ => Fail(tried, outcome.ErrorClass ?? ErrorClass.Permanent, attempt.Error),
        };
    }

    /// <summary>The stage's condition does not hold.</summary>
    public ItemCommit ConditionFalse(ClaimedItem item) =>
        Untouched(item) with { Status = Next(StateEvent.NothingToDo), Error = "The stage's condition does not hold.", Advances = !last };

    /// <summary>The attempt was begun, but the host drained before the call was made.</summary>
    public static ItemCommit Drained(ClaimedItem item) => Begun(item) with
    {
        Status = Next(StateEvent.Deferred), Outcome = StepOutcomeKind.Skipped, Error = "The host was stopped before the call was made.",
    };

    /// <summary>The host lost its lease, or was killed, with this item's work open.</summary>
    /// <param name="item">As found.</param>
    /// <returns>Null if the state stays as it is: no call was begun.</returns>
    public ItemCommit? HostLost(LostItem item)
    {
        if (item.OpenAttempt is not { } open)
        {
            return null;
        }

        var attempt = Base(item) with { Attempt = open, Outcome = StepOutcomeKind.Unknown, ErrorClass = ErrorClass.OutcomeUnknown };
        return stage.Manifest.Effects == Effects.Review
            ? Fail(attempt, ErrorClass.OutcomeUnknown, "The host was lost during the call; nobody knows whether it had its effect. Look at the vendor's side, then retry or supply the result.", StateEvent.OutcomeUnknown)
            : attempt with { Status = Next(StateEvent.LeaseLost), Error = "The host was lost during the call; it is repeated with the same idempotency key." };
    }

    /// <summary>The item was alone in its lease and lost its host once too often.</summary>
    public ItemCommit Poisoned(LostItem item, int losses)
    {
        var state = Base(item);
        state = item.OpenAttempt is { } open ? state with { Attempt = open, Outcome = StepOutcomeKind.Unknown } : state;
        return Fail(state, ErrorClass.Poison, $"The host was lost {losses} times while it worked on this item alone: the item kills it.");
    }

    private static ItemCommit Base(LostItem item) => new()
    {
        Item = item.Item, ExpectedAttempt = item.Attempt, Attempt = item.Attempt, Generation = item.Generation, Tries = item.Tries, Status = Status.Pending,
    };

    private static ItemCommit Untouched(ClaimedItem item) => new()
    {
        Item = item.Item, ExpectedAttempt = item.Attempt, Attempt = item.Attempt, Generation = item.Generation, Tries = item.Tries, Status = Status.Pending,
    };

    private static ItemCommit Begun(ClaimedItem item) => Untouched(item) with { Attempt = item.Attempt + 1 };

    private static Status Next(StateEvent on) => StateMachine.Next(Status.Queued, on);

    private ItemCommit Complete(ItemCommit attempt, ReadOnlyMemory<byte> result)
    {
        if (!gate.TryAccept(result.Span, out var canonical, out var refusal))
        {
            return Fail(attempt with { Outcome = StepOutcomeKind.Failed }, ErrorClass.InvalidOutput, $"The step's result may not be stored: {refusal.Reason}");
        }

        return canonical[0] == (byte)'{'
            ? attempt with { Status = Next(StateEvent.Answered), Result = canonical, Error = null, Advances = !last }
            : Fail(attempt with { Outcome = StepOutcomeKind.Failed }, ErrorClass.InvalidOutput, "The step's result is no JSON object, so that no field can be found in it.");
    }

    private ItemCommit Retry(ItemCommit attempt, double random, TimeSpan? after) => attempt.Tries >= stage.Retry.MaxTries
        ? Fail(attempt, attempt.ErrorClass ?? ErrorClass.Transient, $"Given up after {attempt.Tries} tries: {attempt.Error}")
        : attempt with { Status = Next(StateEvent.FailedTransiently), Waits = WaitReason.Retry, Delay = stage.Retry.Delay(attempt.Tries, random, after) };

    private ItemCommit Unknown(ItemCommit attempt, double random) => stage.Manifest.Effects == Effects.Review
        ? Fail(attempt, ErrorClass.OutcomeUnknown, attempt.Error, StateEvent.OutcomeUnknown)
        : Retry(attempt, random, null);

    private ItemCommit Fail(ItemCommit attempt, ErrorClass errorClass, string? error, StateEvent on = StateEvent.FailedForGood) => attempt with
    {
        Status = Next(on), ErrorClass = errorClass, Error = ErrorText.Of(error), Advances = stage.Optional && !last,
    };
}
