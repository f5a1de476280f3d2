using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Writes the outcomes of claimed work in sets, and notes what they brought.</summary>
internal sealed class WriteOutcomes(OutcomeWriter writer, WorkerRun run)
{
    /// <summary>Writes what calls end with, until the calls are over.</summary>
    /// <param name="work">The claimed work.</param>
    /// <param name="outcomes">Where the outcomes come from.</param>
    /// <param name="calling">Ends with the calls.</param>
    public async Task WriteAllAsync(ClaimedWork work, OutcomeQueue outcomes, Task calling)
    {
        await foreach (var set in outcomes.ReadSetsAsync(calling).ConfigureAwait(false))
        {
            // Told here, set by set: answers are classified one by one, on the threads of the step.
            if (set.Count(outcome => !OutcomeRules.IsDrained(outcome)) is > 0 and var classified)
            {
                run.Instruments.Enter(OutcomeRules.Phase, work.Plan, classified);
            }

            await WriteAsync(work, set, work.IsOutside).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a set of outcomes.</summary>
    /// <param name="work">The claimed work.</param>
    /// <param name="set">The outcomes.</param>
    /// <param name="attemptsAreOpen">Whether their attempts were written before.</param>
    public async Task WriteAsync(ClaimedWork work, List<StateChange> set, bool attemptsAreOpen = false)
    {
        if (set.Count == 0)
        {
            return;
        }

        // A faster answer has settled the sent calls that are missing here.
        var plan = work.Plan;
        var sent = work.IsAnsweredLater && attemptsAreOpen;
        var written = sent
            ? await writer
                .SettleAsync(plan, new SettleRequest(work.Lease.Range, set, []) { IsRequestBatch = plan.Batch.IsRequestBatch })
                .ConfigureAwait(false)
            : await writer
                .CommitAsync(
                    plan,
                    new CommitRequest(work.Lease, run.Owner, attemptsAreOpen, set) { IsRequestBatch = plan.Batch.IsRequestBatch },
                    run.Options.Lease)
                .ConfigureAwait(false);
        work.Advanced |=
            written.Shared
            || (sent
                    ? set.Exists(outcome => outcome.Advances && written.Items.Contains(outcome.Item))
                    : written.Items.Count > 0 && !plan.Last);
        work.Outcomes +=
            written.Items.Count - set.Count(outcome => OutcomeRules.IsDrained(outcome) && written.Items.Contains(outcome.Item));
        if (!sent && written.Items.Count < set.Count)
        {
            Log.CommitsLost(run.Logger, set.Count - written.Items.Count, set.Count);
        }
    }
}
