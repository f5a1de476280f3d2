using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>
/// Applies what external workers report to the limit of their stage, for all hosts and workers: a vendor that asks to slow down or fails
/// too often gets a pause. Then one trial call decides, as it does for hosts.
/// </summary>
internal sealed class ReportedOutcomes(IRateLimitStore store)
{
    /// <summary>Applies outcomes.</summary>
    /// <param name="stage">Their stage.</param>
    /// <param name="reported">What was reported; of a trial call with the block that it has for itself.</param>
    public async Task NoteAsync(StagePlan stage, IReadOnlyCollection<(StepOutcome Outcome, long? Trial)> reported)
    {
        if (stage.Stage.Limits is not { } limits || reported.Count == 0)
        {
            return;
        }

        var key = stage.Account;
        List<StepOutcome> outcomes = [.. reported.Select(report => report.Outcome)];
        foreach (var (outcome, trial) in reported)
        {
            if (trial is { } block && (Failed(outcome) || Answered(outcome)))
            {
                var end = new BlockEnd(new(key, block), Unused: 0, Answered(outcome), Failed(outcome));
                await store.ReturnPermitsAsync(end, CancellationToken.None).ConfigureAwait(false);
            }
        }

        var slowdowns = outcomes
            .Where(outcome => outcome is { Kind: StepOutcomeKind.RateLimited, ErrorClass: not ErrorClass.OutOfCredits })
            .ToList();

        // A vendor that asks to slow down does answer.
        var failures = slowdowns.Count > 0
            ? 0
            : outcomes.Count(Failed);
        var answered = outcomes.Exists(Answered);
        if (
            (failures > 0 || answered)
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

    private static bool Failed(StepOutcome outcome) => outcome.Kind is StepOutcomeKind.Retry or StepOutcomeKind.Unknown;

    private static bool Answered(StepOutcome outcome) =>
        outcome.ErrorClass == ErrorClass.OutOfCredits
        || outcome.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.Failed;

    // No operator can end such a pause early, so it has a longest length.
    private static TimeSpan Bearable(TimeSpan pause) => pause < RetryPolicy.LongestRetryAfter ? pause : RetryPolicy.LongestRetryAfter;
}
