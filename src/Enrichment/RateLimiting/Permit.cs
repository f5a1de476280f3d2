namespace Enrichment.RateLimiting;

/// <summary>One call that a limit allows.</summary>
/// <param name="limiter">Its limit.</param>
/// <param name="block">Its block.</param>
/// <param name="at">When it may leave, as a timestamp of the host's clock.</param>
internal sealed class Permit(DistributedRateLimiter limiter, PermitBlock block, long at)
{
    public PermitBlock Block => block;

    public long At => at;

    /// <summary>When the call began; 0 while it waits for its time.</summary>
    public long Begun { get; set; }

    /// <summary>
    /// Notes the vendor's answer about the limit. A call for several items has one such answer: to slow down if one item has that, else the
    /// first that shows that the vendor answered.
    /// </summary>
    public void Note(params IReadOnlyCollection<StepOutcome> outcomes) =>
        limiter.Note(
            this,
            outcomes.FirstOrDefault(outcome => outcome.Kind == StepOutcomeKind.RateLimited)
                ?? outcomes.FirstOrDefault(outcome =>
                    outcome.Kind is not (StepOutcomeKind.Retry or StepOutcomeKind.Unknown or StepOutcomeKind.Skipped))
                ?? outcomes.First());

    /// <summary>The call has ended, or is not made.</summary>
    public void End() => limiter.End(this);
}
