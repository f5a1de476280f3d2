using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Calls a bulk step for several items at a time. An item that the answer leaves out is tried again.</summary>
internal sealed class BulkStepRunner(
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
        StepContext[] contexts = [];
        IReadOnlyDictionary<string, StepOutcome>? answers = null;
        var fault = ClassifyOutcome.Null;
        try
        {
            contexts = [.. run.Items.Select(step.Context)];
            await using var use = step.Ready.Begin();
            var answer = ((IBulkStep)use.Step).ExecuteAsync(contexts, run.Token);
            if (!answer.IsCompleted)
            {
                Begin(run);
            }

            answers = await answer.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever a step throws is its items' outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = Outcomes.Thrown(exception);
        }

        if (!run.TryEnd())
        {
            return;
        }

        StepOutcome[] each =
        [
            .. Enumerable
                .Range(0, run.Items.Count)
                .Select(i =>
                    answers is null ? fault
                    : answers.TryGetValue(contexts[i].IdempotencyKey, out var answer) ? answer ?? ClassifyOutcome.Null
                    : ClassifyOutcome.Unanswered),
        ];
        if (answers is not null)
        {
            run.Permit?.Note(each);
            run.Answered = each.Sum(outcome => (long)outcome.Result.Length);
            Array.ForEach(each, outcome => Host.Credits.Note(Plan, outcome, run.StartedAt));
        }

        Host.Run.Telemetry.Called(Plan, run.StartedAt, answers is null ? fault : null, run.Span);
        for (var i = 0; i < each.Length; i++)
        {
            Outcomes.Answered(run.Items[i], each[i], run.Spread);
        }

        EndOne(run);
    }
}
