using System.Data.Common;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>
/// Turns what happened to an item into what becomes of its state: the one place where outcomes meet the state machine. Pure.
/// </summary>
internal sealed class OutcomeRules(StageSnapshot stage, bool last, JsonGate gate)
{
    /// <summary>The phase that they are, as the log and the spans call it.</summary>
    public const string Phase = "classify outcome";

    /// <summary>How long an account that is used up is left alone.</summary>
    public static readonly TimeSpan UsedUpPause = TimeSpan.FromMinutes(15);

    /// <summary>So often may an item lose its host or worker while it is alone before it is held to be the cause.</summary>
    public const int PoisonAfter = 3;

    private const int LongestReference = 1000;

    // Long enough that a host without the step mostly does something else, short enough that one with it is soon the first.
    private static readonly TimeSpan NotHereDelay = TimeSpan.FromSeconds(15);

    /// <summary>A step's answer.</summary>
    /// <param name="item">As claimed.</param>
    /// <param name="outcome">The answer.</param>
    /// <param name="random">From 0 to 1, for the spread of the backoff.</param>
    public StateChange Of(ClaimedItem item, StepOutcome outcome, double random) => stage.Manifest.MayBeAnsweredLater
        ? OfCall(SentItem.Of(item), outcome, random)
        : Answer(Begun(item), outcome, random);

    /// <summary>The outcome of a poll. A poll only reads: after any failure of it, the call is still in flight.</summary>
    public StateChange OfPoll(SentItem item, StepOutcome outcome, double random) =>
        outcome.Kind is StepOutcomeKind.Unknown or StepOutcomeKind.RateLimited
            ? Wait(Out(item), outcome)
            : Answer(Out(item), outcome, random);

    /// <summary>The answer that a delivery held.</summary>
    public StateChange OfDelivery(SentItem item, StepOutcome outcome, double random) => Answer(Out(item), outcome, random);

    /// <summary>No answer came in time.</summary>
    /// <param name="item">As sent.</param>
    /// <param name="random">From 0 to 1, for the spread of the backoff.</param>
    /// <param name="lastly">What the last poll said.</param>
    public StateChange Overdue(SentItem item, double random, string? lastly = null)
    {
        var silence = StepOutcome.Unknown(
            $"No answer came within {DurationWords.Of(stage.Manifest.Deadline)}.{(lastly is null ? "" : $" The last poll said: {lastly}")}");
        var attempt = Told(Out(item), silence) with { Tries = (short)(item.Tries + 1) };
        return stage.Manifest.Effects == Effects.SafeToRepeat && stage.Retry.Allows(attempt.Tries)
            ? attempt with
            {
                Status = Next(attempt, StateEvent.RepeatedAfterSilence),
                Waits = WaitReason.Retry,
                Delay = stage.Retry.Delay(attempt.Tries, random),
            }
            : Fail(
                attempt,
                ErrorClass.OutcomeUnknown,
                $"{attempt.Error} It is unknown whether the call had its effect. Check with the vendor, then retry or supply the result.",
                StateEvent.OutcomeUnknown);
    }

    /// <summary>An external task was not called for: no worker fetched it in its time, or its worker gave it back.</summary>
    public static StateChange Withdrawn(SentItem item, string reason) => Out(item) with
    {
        Status = StateMachine.Next(Status.InProgress, StateEvent.TaskWithdrawn),
        Outcome = StepOutcomeKind.Skipped,
        Error = ErrorText.Of(reason),
    };

    /// <summary>The lock of an external worker ended without a report.</summary>
    /// <param name="item">As handed out.</param>
    /// <param name="worker">The worker's name.</param>
    /// <param name="alone">How often the item was lost while its worker had no other task; null: it may have had others now.</param>
    /// <param name="random">From 0 to 1, for the spread of the backoff.</param>
    /// <returns>Null if the state stays as it is until its deadline, because the call may not be repeated.</returns>
    public StateChange? WorkerLost(SentItem item, string worker, int? alone, double random)
    {
        if (stage.Manifest.Effects == Effects.Review)
        {
            return null;
        }

        var silence = StepOutcome.Unknown($"The worker {worker} was lost: its lock ended without a report.");
        var attempt = Told(Out(item), silence) with
        {
            Tries = (short)(item.Tries + 1),
            Reference = alone is null ? "lost" : "lost alone",
        };
        return alone + 1 >= PoisonAfter
            ? Fail(attempt, ErrorClass.Poison, $"{alone + 1} workers were lost while they worked on this item alone: the item kills them.")
            : stage.Retry.Allows(attempt.Tries)
                ? attempt with
                {
                    Status = Next(attempt, StateEvent.RepeatedAfterSilence),
                    Waits = WaitReason.Retry,
                    Delay = stage.Retry.Delay(attempt.Tries, random),
                }
                : Fail(attempt, ErrorClass.OutcomeUnknown, attempt.Error, StateEvent.OutcomeUnknown);
    }

    /// <summary>The stage's condition does not hold.</summary>
    public StateChange ConditionFalse(ClaimedItem item) =>
        Untouched(item) with
        {
            Status = StateMachine.Next(Status.Queued, StateEvent.NothingToDo),
            Error = "The stage's condition does not hold.",
            Advances = !last,
        };

    /// <summary>No key of the step's entity can be made of the record.</summary>
    public StateChange WithoutKey(ClaimedItem item, StepEntity entity) => Untouched(item) with
    {
        Status = StateMachine.Next(Status.Queued, StateEvent.NothingToDo),
        Error = $"{string.Join(" or ", entity.Keys)} contains no key of a {entity.Kind}; the step was skipped.",
        Advances = !last,
    };

    /// <summary>A stored answer for the item's entity serves.</summary>
    public StateChange FreshAnswer(ClaimedItem item, StepOutcomeKind kind, ReadOnlyMemory<byte> answer, EntityRequest source) =>
        Begun(item) with
        {
            Status = StateMachine.Next(Status.Queued, StateEvent.FreshAnswerFound),
            Outcome = kind,
            Result = answer,
            Source = source,
            Advances = !last,
        };

    /// <summary>The entity cannot be requested now: its request batch is being cancelled.</summary>
    public StateChange NotRequested(ClaimedItem item) =>
        Untouched(item) with
        {
            Status = StateMachine.Next(Status.Queued, StateEvent.Deferred),
            Waits = WaitReason.Retry,
            Delay = stage.Retry.BaseDelay,
            Error = "The entity requests of this step are being cancelled; the item is tried again later.",
        };

    /// <summary>The limit of the stage gives no calls for so long, or its account is used up.</summary>
    public static StateChange NotAllowed(ClaimedItem item, TimeSpan rest, bool usedUp) =>
        Untouched(item) with
        {
            Status = StateMachine.Next(Status.Queued, StateEvent.Deferred),
            Waits = WaitReason.RateLimit,
            Delay = rest,
            ErrorClass = usedUp ? ErrorClass.OutOfCredits : null,
        };

    /// <summary>
    /// The item calls for itself, and the host does not have the step. Each host that claims it is as likely to be another one.
    /// </summary>
    public static StateChange NotHere(ClaimedItem item) => Untouched(item) with
    {
        Status = StateMachine.Next(Status.Queued, StateEvent.Deferred),
        Waits = WaitReason.CapableHost,
        Delay = NotHereDelay,
        Error = "The fields that the step reads are too large for an entity request. A host that has the step makes a call for this item alone.",
    };

    /// <summary>The host could not even call the step.</summary>
    public StateChange NotCalled(ClaimedItem item, StepOutcome outcome) => Answer(Begun(item), outcome, 0);

    /// <summary>
    /// The attempt was begun, but the call was not made: the host drained before, or the vendor's limit let none through.
    /// </summary>
    public StateChange Drained(ClaimedItem item, string reason = "The host was stopped before the call was made.") =>
        Begun(item) with
        {
            Status = StateMachine.Next(stage.Manifest.MayBeAnsweredLater ? Status.InProgress : Status.Queued, StateEvent.Deferred),
            Outcome = StepOutcomeKind.Skipped,
            Error = reason,
        };

    /// <summary>Whether this is what <see cref="Drained"/> gives: no call was made.</summary>
    public static bool IsDrained(StateChange commit) => commit is { Status: Status.Pending, Outcome: StepOutcomeKind.Skipped };

    /// <summary>The host lost its lease, or was killed, with this item's work open.</summary>
    /// <param name="item">As found.</param>
    /// <returns>Null if the state stays as it is: no call was begun.</returns>
    public StateChange? HostLost(LostItem item)
    {
        if (item.OpenAttempt is not { } open)
        {
            return null;
        }

        var attempt = Base(item) with { Attempt = open, Outcome = StepOutcomeKind.Unknown, ErrorClass = ErrorClass.OutcomeUnknown };
        return stage.Manifest.Effects == Effects.Review
            ? Fail(
                attempt,
                ErrorClass.OutcomeUnknown,
                "The host was lost during the call; it is unknown whether the call had its effect. Check with the vendor, then retry or supply the result.",
                StateEvent.OutcomeUnknown)
            : attempt with
            {
                Status = Next(attempt, StateEvent.LeaseLost),
                Error = "The host was lost during the call; the call is repeated with the same idempotency key.",
            };
    }

    /// <summary>The item was alone in its lease and lost its host once too often.</summary>
    public StateChange Poisoned(LostItem item, int losses)
    {
        var state = Base(item);
        state = item.OpenAttempt is { } open ? state with { Attempt = open, Outcome = StepOutcomeKind.Unknown } : state;
        return Fail(state, ErrorClass.Poison, $"The host was lost {losses} times while it worked on this item alone: the item kills it.");
    }

    /// <summary>
    /// The store refuses an outcome because of its data. The answer stays with the failure, so that it is kept on the attempt if the store
    /// takes it there.
    /// </summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="from">The status that the state is in.</param>
    /// <param name="refusal">The store's error.</param>
    public StateChange Refused(StateChange outcome, Status from, Exception refusal)
    {
        var said = refusal is DbException { SqlState: { } state } ? $"SQLSTATE {state}" : refusal.GetType().Name;
        var attempt = outcome with
        {
            Status = from,
            Outcome = outcome.Outcome is null ? null : StepOutcomeKind.Failed,
            Waits = WaitReason.None,
            Delay = TimeSpan.Zero,
            Reference = null,
            Source = null,
        };
        return Fail(
            attempt,
            ErrorClass.InvalidOutput,
            $"The store cannot hold this outcome ({said}; the host's log says more). Its answer, if there was one, is kept with the attempt as far as it can be. Retry, or supply the result.");
    }

    // It waits for its account and continues with it. A pure step has no account: it would be claimed again at once.
    private TimeSpan UsedUpDelay => stage.Manifest.Effects == Effects.Pure ? UsedUpPause : TimeSpan.Zero;

    private static StateChange Base(LostItem item) =>
        new()
        {
            Item = item.Item,
            ExpectedAttempt = item.Attempt,
            Attempt = item.Attempt,
            Generation = item.Generation,
            Tries = item.Tries,
            Status = Status.Queued,
        };

    private static StateChange Untouched(ClaimedItem item) =>
        new()
        {
            Item = item.Item,
            ExpectedAttempt = item.Attempt,
            Attempt = item.Attempt,
            Generation = item.Generation,
            Tries = item.Tries,
            Status = Status.Queued,
        };

    private static StateChange Begun(ClaimedItem item) => Untouched(item) with { Attempt = item.Attempt + 1 };

    private static StateChange Out(SentItem item) =>
        new()
        {
            Item = item.Item,
            ExpectedAttempt = item.Attempt,
            Attempt = item.Attempt,
            Generation = item.Generation,
            Tries = item.Tries,
            Status = Status.InProgress,
        };

    private static StateChange Told(StateChange attempt, StepOutcome outcome) =>
        attempt with { Outcome = outcome.Kind, Cost = outcome.Cost, Error = ErrorText.Of(outcome.Reason), ErrorClass = outcome.ErrorClass };

    // Until it is decided, a commit holds the status that the state is in.
    private static Status Next(StateChange attempt, StateEvent on) => StateMachine.Next(attempt.Status, on);

    private StateChange OfCall(SentItem item, StepOutcome outcome, double random) => outcome.Kind == StepOutcomeKind.Unknown
        ? Wait(Out(item), outcome) // The answer may still come: the deadline decides.
        : Answer(Out(item), outcome, random);

    private StateChange Answer(StateChange state, StepOutcome outcome, double random)
    {
        var attempt = Told(state, outcome);
        var tried = attempt with { Tries = (short)(state.Tries + 1) };
        return outcome.Kind switch
        {
            StepOutcomeKind.Completed => Complete(tried, outcome.Result),
            StepOutcomeKind.NotFound => Complete(tried, "{}"u8.ToArray()),
            StepOutcomeKind.Skipped => attempt with { Status = Next(attempt, StateEvent.NothingToDo), Advances = !last },
            StepOutcomeKind.Retry => Retry(tried, random, outcome.RetryAfter),
            StepOutcomeKind.RateLimited => attempt with
            {
                Status = Next(attempt, StateEvent.Deferred),
                Waits = WaitReason.RateLimit,
                Delay =
                    outcome.ErrorClass == ErrorClass.OutOfCredits
                        ? UsedUpDelay
                        : stage.Retry.Delay(attempt.Tries + 1, random, outcome.RetryAfter),
            },
            StepOutcomeKind.Unknown => Unknown(tried, random),
            StepOutcomeKind.AwaitingCallback or StepOutcomeKind.AwaitingPoll => Wait(state, outcome),
            _ => Fail(tried, outcome.ErrorClass ?? ErrorClass.Permanent, attempt.Error),
        };
    }

    private StateChange Wait(StateChange attempt, StepOutcome outcome)
    {
        var manifest = stage.Manifest;
        if (outcome.Kind == StepOutcomeKind.AwaitingCallback && !manifest.ReceivesCallbacks
            || outcome.Kind == StepOutcomeKind.AwaitingPoll && manifest.PollInterval is null)
        {
            var half = outcome.Kind == StepOutcomeKind.AwaitingPoll ? nameof(IPollingStep) : nameof(ICallbackReceiver);
            return Fail(
                attempt with
                {
                    Outcome = StepOutcomeKind.Failed,
                },
                ErrorClass.InvalidOutput,
                $"The step answered {outcome.Kind}, but does not implement {half}.");
        }

        // What the step may not be told again is no reason to give up a call that is out.
        var refused = outcome.Reference is { } reference
            ? reference.Length > LongestReference
                ? $"it has {reference.Length} characters, at most {LongestReference} are kept."
                : JsonGate.Refuse(reference)?.Reason
            : null;
        return attempt with
        {
            Waits = manifest.ReceivesCallbacks ? WaitReason.Callback : WaitReason.Poll,
            Delay = outcome.RetryAfter is { } after && after > TimeSpan.Zero ? after : manifest.PollInterval ?? manifest.Deadline,
            Reference = refused is null ? outcome.Reference : null,
            Cost = outcome.Cost,
            Error = ErrorText.Of(refused is null ? outcome.Reason : $"The step's reference may not be stored: {refused}"),
        };
    }

    private StateChange Complete(StateChange attempt, ReadOnlyMemory<byte> result)
    {
        if (!gate.TryAccept(result.Span, out var canonical, out var refusal))
        {
            return Fail(
                attempt with
                {
                    Outcome = StepOutcomeKind.Failed,
                },
                ErrorClass.InvalidOutput,
                $"The step's result may not be stored: {refusal.Reason}");
        }

        return canonical[0] == (byte)'{'
            ? attempt with
            {
                Status = Next(attempt, StateEvent.Answered),
                Result = canonical,
                Error = null,
                Advances = !last,
            }
            : Fail(
                attempt with
                {
                    Outcome = StepOutcomeKind.Failed,
                },
                ErrorClass.InvalidOutput,
                "The step's result is not a JSON object, so no field can be found in it.");
    }

    private StateChange Retry(StateChange attempt, double random, TimeSpan? after) =>
        stage.Retry.Allows(attempt.Tries)
            ? attempt with
            {
                Status = Next(attempt, StateEvent.FailedTransiently),
                Waits = WaitReason.Retry,
                Delay = stage.Retry.Delay(attempt.Tries, random, after),
            }
            : Fail(attempt, attempt.ErrorClass ?? ErrorClass.Transient, $"Given up after {attempt.Tries} tries: {attempt.Error}");

    private StateChange Unknown(StateChange attempt, double random) => stage.Manifest.Effects == Effects.Review
        ? Fail(attempt, ErrorClass.OutcomeUnknown, attempt.Error, StateEvent.OutcomeUnknown)
        : Retry(attempt, random, null);

    private StateChange Fail(StateChange attempt, ErrorClass errorClass, string? error, StateEvent on = StateEvent.FailedForGood) =>
        attempt with
        {
            Status = Next(attempt, on),
            ErrorClass = errorClass,
            Error = ErrorText.Of(error),
            Advances = stage.Optional && !last,
        };
}
