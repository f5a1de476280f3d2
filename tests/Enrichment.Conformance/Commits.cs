using System.Globalization;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>What a host would commit for a claimed item, by what its step said.</summary>
internal static class Commits
{
    public static StateChange Completed(ClaimedItem item, bool advances = false, string? result = null) => Made(item) with
    {
        Status = Status.Completed,
        Outcome = StepOutcomeKind.Completed,
        Result = Encoding.UTF8.GetBytes(result ?? Answer(item)),
        Tries = (short)(item.Tries + 1),
        Advances = advances,
    };

    public static StateChange NotFound(ClaimedItem item, bool advances = false) =>
        Completed(item, advances, "{}") with
        {
            Outcome = StepOutcomeKind.NotFound,
        };

    public static StateChange Retry(ClaimedItem item, TimeSpan? delay = null, string error = "503 from the vendor") => Made(item) with
    {
        Status = Status.Pending,
        Outcome = StepOutcomeKind.Retry,
        Tries = (short)(item.Tries + 1),
        Waits = WaitReason.Retry,
        Delay = delay ?? Times.Backoff,
        ErrorClass = ErrorClass.Transient,
        Error = error,
    };

    public static StateChange RateLimited(ClaimedItem item, TimeSpan? delay = null) => Retry(item, delay, "429 from the vendor") with
    {
        Outcome = StepOutcomeKind.RateLimited,
        Tries = item.Tries,
        Waits = WaitReason.RateLimit,
        ErrorClass = ErrorClass.RateLimited,
    };

    public static StateChange Failed(ClaimedItem item, bool advances = false, string error = "400 from the vendor") => Made(item) with
    {
        Status = Status.Failed,
        Outcome = StepOutcomeKind.Failed,
        Tries = (short)(item.Tries + 1),
        ErrorClass = ErrorClass.Permanent,
        Error = error,
        Advances = advances,
    };

    public static StateChange Skipped(ClaimedItem item, bool advances = false) => Made(item) with
    {
        Status = Status.Skipped,
        Outcome = StepOutcomeKind.Skipped,
        Tries = (short)(item.Tries + 1),
        Error = "the record has no website",
        Advances = advances,
    };

    /// <summary>Skipped before any attempt, as by a condition that does not hold.</summary>
    public static StateChange ConditionFalse(ClaimedItem item, bool advances = false) =>
        Skipped(item, advances) with { Attempt = item.Attempt, Outcome = null, Tries = item.Tries, Error = "the condition does not hold" };

    /// <summary>Sent and not answered yet: a delivery is waited for, until the deadline.</summary>
    public static StateChange Awaiting(ClaimedItem item, string? reference = null) => Made(item) with
    {
        Status = Status.InProgress,
        Outcome = StepOutcomeKind.AwaitingCallback,
        Tries = item.Tries,
        Waits = WaitReason.Callback,
        Delay = Times.Deadline,
        Reference = reference,
    };

    /// <summary>Sent and not answered yet: to be polled later.</summary>
    public static StateChange Polling(ClaimedItem item, TimeSpan? delay = null, string? reference = null) => Awaiting(item, reference) with
    {
        Outcome = StepOutcomeKind.AwaitingPoll,
        Waits = WaitReason.Poll,
        Delay = delay ?? Times.Poll,
    };

    /// <summary>Sent and not answered in time.</summary>
    public static StateChange Silent(ClaimedItem item, Status status = Status.Failed) => Made(item) with
    {
        Status = status,
        Outcome = StepOutcomeKind.Unknown,
        Tries = (short)(item.Tries + 1),
        ErrorClass = ErrorClass.OutcomeUnknown,
        Error = "no answer before the deadline",
    };

    /// <summary>What a sweep makes of an attempt that a lost host left open.</summary>
    public static StateChange Unknown(LostItem item, Status status) => Lost(item) with
    {
        Attempt = item.OpenAttempt!.Value,
        Status = status,
        Outcome = StepOutcomeKind.Unknown,
        Tries = (short)(item.Tries + 1),
        ErrorClass = ErrorClass.OutcomeUnknown,
        Error = "the host was lost during the call",
    };

    /// <summary>What a sweep makes of an item that ended its host each time.</summary>
    public static StateChange Poison(LostItem item) => Lost(item) with
    {
        Status = Status.Failed,
        ErrorClass = ErrorClass.Poison,
        Error = "ended its host each time",
    };

    public static AttemptStart Begin(ClaimedItem item) => new(item.Item, item.Generation, item.Attempt + 1);

    public static string Answer(ClaimedItem item) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"company.domain":"site-{{item.Item}}.com","attempt":{{item.Attempt + 1}}}""");

    private static StateChange Made(ClaimedItem item) => new()
    {
        Item = item.Item,
        ExpectedAttempt = item.Attempt,
        Attempt = item.Attempt + 1,
        Generation = item.Generation,
        Status = Status.Pending,
    };

    private static StateChange Lost(LostItem item) => new()
    {
        Item = item.Item,
        ExpectedAttempt = item.Attempt,
        Attempt = item.Attempt,
        Generation = item.Generation,
        Status = Status.Pending,
        Tries = item.Tries,
    };
}
