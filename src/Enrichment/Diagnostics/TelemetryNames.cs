using System.Diagnostics.Metrics;

namespace Enrichment.Diagnostics;

/// <summary>
/// What tags are called, the values that they have, and the bounds of histograms. Dashboards go by them: they change with a major version
/// alone.
/// </summary>
internal static class TelemetryNames
{
    public const string Engine = "engine";
    public const string Step = "step";
    public const string Provider = "provider";
    public const string Outcome = "outcome";
    public const string Reason = "reason";
    public const string ErrorType = "error.type";

    /// <summary>Bounds for what vendors answer.</summary>
    public static InstrumentAdvice<double> Calls { get; } =
        new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300] };

    /// <summary>Bounds for what vendors answer later.</summary>
    public static InstrumentAdvice<double> Answers { get; } =
        new() { HistogramBucketBoundaries = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400, 259_200, 604_800] };

    /// <summary>Bounds for what the store does.</summary>
    public static InstrumentAdvice<double> StoreDurations { get; } =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] };

    public static string Of(StepOutcomeKind outcome) => outcome switch
    {
        StepOutcomeKind.Completed => "completed",
        StepOutcomeKind.NotFound => "not_found",
        StepOutcomeKind.Skipped => "skipped",
        StepOutcomeKind.Retry => "retry",
        StepOutcomeKind.RateLimited => "rate_limited",
        StepOutcomeKind.Failed => "failed",
        StepOutcomeKind.AwaitingCallback => "awaiting_callback",
        StepOutcomeKind.AwaitingPoll => "awaiting_poll",
        _ => "unknown",
    };

    public static string Of(Status status) => status switch
    {
        Status.Completed => "completed",
        Status.Failed => "failed",
        Status.Skipped => "skipped",
        Status.Cancelled => "cancelled",
        _ => "open",
    };

    public static string Of(ErrorClass error) => error switch
    {
        ErrorClass.Transient => "transient",
        ErrorClass.RateLimited => "rate_limited",
        ErrorClass.Permanent => "permanent",
        ErrorClass.InvalidOutput => "invalid_output",
        ErrorClass.Configuration => "configuration",
        ErrorClass.OutcomeUnknown => "outcome_unknown",
        ErrorClass.Poison => "poison",
        ErrorClass.OutOfCredits => "out_of_credits",
        _ => "_OTHER",
    };

    public static string Of(DeliveryAnswer answer) => answer switch
    {
        DeliveryAnswer.Stored => "stored",
        DeliveryAnswer.Refused => "refused",
        DeliveryAnswer.TooLarge => "too_large",
        DeliveryAnswer.Incomplete => "incomplete",
        _ => "busy",
    };
}
