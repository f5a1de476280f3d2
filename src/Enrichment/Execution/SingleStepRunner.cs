using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Calls a step for one item at a time.</summary>
internal sealed class SingleStepRunner(
    CalledStep step,
    ClassifyOutcome outcomes,
    IEnumerable<ArraySegment<ClaimedItem>> calls,
    StepHost host,
    RateLimitLease? limit) : StepRunner(outcomes, calls, host, limit)
{
    private protected override async Task CallAsync(StepRun run)
    {
        if (await Admission.EnterAsync(run).ConfigureAwait(false) is { } refusal)
        {
            GiveBack(run, refusal);
            return;
        }

        run.Span = Host.Run.Telemetry.Calling(Plan, Interval, run.Items.Count);
        StepOutcome outcome;
        var note = false; // What a step throws may be the vendor's fault or its own: it tells a limit nothing.
        try
        {
            await using var use = step.Ready.Begin();
            var answer = use.Step.ExecuteAsync(step.Context(run.Items[0]), run.Token);
            if (!answer.IsCompleted)
            {
                Begin(run);
            }

            outcome = await answer.ConfigureAwait(false) ?? ClassifyOutcome.Null;
            note = true;
        }
#pragma warning disable CA1031 // Whatever a step throws is its item's outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = Outcomes.Thrown(exception);
        }

        if (!run.TryEnd())
        {
            return;
        }

        if (note)
        {
            run.Permit?.Note(outcome);
            run.Answered = outcome.Result.Length;
            Host.Credits.Note(Plan, outcome, run.StartedAt);
        }

        Host.Run.Telemetry.Called(Plan, run.StartedAt, outcome, run.Span);
        Outcomes.Answered(run.Items[0], outcome, run.Spread);
        EndOne(run);
    }
}
