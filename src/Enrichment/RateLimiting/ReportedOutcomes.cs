using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>
/// Applies what external workers report to the limit of their stage, for all hosts and workers: a vendor that asks to slow down or fails
/// too often gets a pause.
/// </summary>
internal sealed class ReportedOutcomes(IRateLimitStore store)
{
    public async Task NoteAsync(StagePlan stage, IReadOnlyCollection<StepOutcome> outcomes)
    {
        if (stage.Stage.Limits is not { } limits || outcomes.Count == 0)
        {
            return;
        }

        var key = stage.Account;
        var usedUp = outcomes.Any(outcome => outcome.ErrorClass == ErrorClass.OutOfCredits);
        var slowdowns = outcomes
            .Where(outcome => outcome is { Kind: StepOutcomeKind.RateLimited, ErrorClass: not ErrorClass.OutOfCredits })
            .ToList();

        // A vendor that asks to slow down does answer.
        var failures = slowdowns.Count > 0
            ? 0
            : outcomes.Count(outcome => outcome.Kind is StepOutcomeKind.Retry or StepOutcomeKind.Unknown);
        var answered =
            usedUp
            || outcomes.Any(outcome =>
                outcome.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.Failed);
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

    // No operator can end such a pause early, so it has a longest length.
    private static TimeSpan Bearable(TimeSpan pause) => pause < RetryPolicy.LongestRetryAfter ? pause : RetryPolicy.LongestRetryAfter;
}
