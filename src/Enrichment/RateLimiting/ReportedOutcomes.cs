using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>
/// Applies what external workers report to the limit of their stage, for all hosts and workers: a vendor that asks to slow down or fails
/// too often gets a pause. Then one trial call decides, as it does for hosts.
/// </summary>
internal sealed class ReportedOutcomes(IRateLimitStore store, StoreRetry storeRetry)
{
    /// <summary>
    /// Ends the blocks of trial calls with their outcomes, before these are written: as soon as a trial's task is gone, the next call is
    /// the trial. Without effect the second time.
    /// </summary>
    /// <param name="stage">Their stage.</param>
    /// <param name="reported">What was reported of each, with its block.</param>
    public async Task EndTrialsAsync(StagePlan stage, IEnumerable<(StepOutcome Outcome, long Block)> reported)
    {
        foreach (var (outcome, block) in reported.Where(report => Failed(report.Outcome) || Answered(report.Outcome)))
        {
            var end = new BlockEnd(new(stage.Account, block), Unused: 0, Answered(outcome), Failed(outcome));
            await TellAsync(token => store.ReturnPermitsAsync(end, token)).ConfigureAwait(false);
        }
    }

    /// <summary>Applies outcomes that are written: each once, however often its report is read.</summary>
    /// <param name="stage">Their stage.</param>
    /// <param name="outcomes">What was reported.</param>
    public async Task NoteAsync(StagePlan stage, IReadOnlyCollection<StepOutcome> outcomes)
    {
        if (stage.Stage.Limits is not { } limits || outcomes.Count == 0)
        {
            return;
        }

        var key = stage.Account;
        var slowdowns = outcomes
            .Where(outcome => outcome is { Kind: StepOutcomeKind.RateLimited, ErrorClass: not ErrorClass.OutOfCredits })
            .ToList();

        // A vendor that asks to slow down does answer.
        var failures = slowdowns.Count > 0 ? 0 : outcomes.Count(Failed);
        var answered = outcomes.Any(Answered);
        if (failures > 0 || answered)
        {
            var breaks = await storeRetry
                .RunAsync(token => store.CountFailuresAsync(key, failures, answered, limits.BreakAfter, token), CancellationToken.None)
                .ConfigureAwait(false);
            if (breaks)
            {
                await TellAsync(token => store.PauseLimitAsync(key, BlockEnd.FirstPause, failing: true, token)).ConfigureAwait(false);
            }
        }

        if (slowdowns.Count > 0)
        {
            var (retry, spread) = (stage.Stage.Retry, Random.Shared.NextDouble());
            var after = slowdowns.Max(outcome => outcome.RetryAfter);
            TimeSpan? asked = after > TimeSpan.Zero ? Bearable(retry.Delay(tries: 1, spread, after)) : null;
            var (first, longest) = (retry.Delay(tries: 1, spread), Bearable(retry.Delay(int.MaxValue, spread)));
            await TellAsync(token => store.SlowDownAsync(key, asked, first, longest, token)).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(Func<CancellationToken, Task> tell) => await storeRetry.RunAsync(
        async token =>
        {
            await tell(token).ConfigureAwait(false);
            return true;
        },
        CancellationToken.None).ConfigureAwait(false);

    private static bool Failed(StepOutcome outcome) => outcome.Kind is StepOutcomeKind.Retry or StepOutcomeKind.Unknown;

    private static bool Answered(StepOutcome outcome) =>
        outcome.ErrorClass == ErrorClass.OutOfCredits
        || outcome.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound or StepOutcomeKind.Failed;

    // No operator can end such a pause early, so it has a longest length.
    private static TimeSpan Bearable(TimeSpan pause) => pause < RetryPolicy.LongestRetryAfter ? pause : RetryPolicy.LongestRetryAfter;
}
