namespace Enrichment.RateLimiting;

/// <summary>One call that a limit allows.</summary>
/// <param name="gate">The gate it went through.</param>
/// <param name="block">The block it is of.</param>
/// <param name="at">When it may leave, as a timestamp of the host's clock.</param>
internal sealed class Permit(DistributedRateLimiter gate, PermitBlock block, long at)
{
    public PermitBlock Block => block;

    public long At => at;

    /// <summary>When the call began; 0 while it waits for its moment.</summary>
    public long Begun { get; set; }

    /// <summary>
    /// Tells what the vendor said; to the call of several items it said one thing: that it wants to slow down, or else that it answered at
    /// all.
    /// </summary>
    public void Note(params IReadOnlyCollection<StepOutcome> outcomes) =>
        gate.Note(
            this,
            outcomes.FirstOrDefault(outcome => outcome.Kind == StepOutcomeKind.RateLimited)
                ?? outcomes.FirstOrDefault(outcome =>
                    outcome.Kind is not (StepOutcomeKind.Retry or StepOutcomeKind.Unknown or StepOutcomeKind.Skipped))
                ?? outcomes.First());

    /// <summary>The call has ended, or is not made.</summary>
    public void End() => gate.End(this);
}
