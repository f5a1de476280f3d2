using System.Runtime.CompilerServices;
using Enrichment.Execution;
using Enrichment.External;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>Chooses the next claim: the batch, the range, and the number of items. It claims nothing itself.</summary>
internal sealed class Dispatcher(
    IDueWorkStore store,
    BatchPlans plans,
    MissingSteps missing,
    DueBatchCache dueBatches,
    FairScheduler scheduler,
    CallPermits permits,
    TaskRoom room)
{
    private readonly WorkerRun run = room.Run;

    // More than a host has claim loops, so that a lost race leads to the next range and not to the next query.
    private const int CandidatesAtOnce = 32;

    /// <summary>What may be due, without stages of which this host can send nothing now.</summary>
    /// <param name="since">The look must not have begun earlier than this timestamp.</param>
    /// <param name="stop">Ends the wait.</param>
    public Task<DueSeen> LookAsync(long since, CancellationToken stop) => dueBatches.ReadAsync(since, Unsent, stop);

    /// <summary>
    /// The choices among some batches, one after the other, until the loop is busy with a claim, or has claimed as much as one loop takes.
    /// </summary>
    /// <param name="due">The batches.</param>
    /// <param name="stop">Fires when no more may be chosen.</param>
    public async IAsyncEnumerable<Choice> ChooseAsync(IReadOnlyList<DueBatch> due, [EnumeratorCancellation] CancellationToken stop)
    {
        var tried = new HashSet<int>();
        while (scheduler.Next(due, tried) is { } slot)
        {
            using (slot)
            {
                // A slot is for one interval; where ranges hold little, and the calls only wait, it is as many of them as make one.
                var remaining = run.Options.ClaimSize;
                await foreach (var (candidate, plan) in RangesAsync(slot.Batch, stop).ConfigureAwait(false))
                {
                    await using var choice = await AllowAsync(candidate, plan, remaining, stop).ConfigureAwait(false);
                    if (choice is null)
                    {
                        continue;
                    }

                    yield return choice;
                    remaining -= choice.Result.Items;
                    if (choice.Result.Won && (!choice.Result.Detached || remaining <= 0 || stop.IsCancellationRequested))
                    {
                        yield break;
                    }
                }

                if (remaining < run.Options.ClaimSize)
                {
                    yield break;
                }
            }

            tried.Add(slot.Batch);
        }
    }

    /// <summary>The choices for a range whose item is to be worked on alone.</summary>
    public async IAsyncEnumerable<Choice> ChooseAloneAsync(RangeKey range, StagePlan plan, [EnumeratorCancellation] CancellationToken stop)
    {
        var candidates = await store.FindCandidatesAsync(range.Batch, [], int.MaxValue, stop).ConfigureAwait(false);
        foreach (var candidate in candidates.Where(candidate => candidate.Range == range))
        {
            await using var choice = await AllowAsync(candidate, plan, run.Options.ClaimSize, stop).ConfigureAwait(false);
            if (choice is not null)
            {
                yield return choice;
            }
        }
    }

    /// <summary>Stages of which this host can send nothing now.</summary>
    private IReadOnlyCollection<(int Batch, short Stage)> Unsent() =>
        (permits.Resting().Stages, room.Full) is var (resting, full) && resting.Count + full.Count > 0
            ? [.. missing.Stages, .. resting, .. full]
            : missing.Stages;

    /// <summary>Stages whose tasks wait for workers as far as they may be handed out.</summary>
    public IReadOnlyCollection<(int Batch, short Stage)> Full => room.Full;

    /// <summary>The batch's ranges of whose stages this host can work.</summary>
    private async IAsyncEnumerable<(Candidate Candidate, StagePlan Plan)> RangesAsync(
        int batch,
        [EnumeratorCancellation] CancellationToken stop)
    {
        short[] except = [.. Unsent().Where(stage => stage.Batch == batch).Select(stage => stage.Stage)];
        Candidate[] candidates = [.. await store.FindCandidatesAsync(batch, except, CandidatesAtOnce, stop).ConfigureAwait(false)];

        // Loops and hosts that look at once are told of the same ranges: in the same order, all but one would wait for a row and go away
        // empty-handed.
        Random.Shared.Shuffle(candidates);
        foreach (var candidate in candidates)
        {
            var plan = await plans.FindAsync(candidate.Range, stop).ConfigureAwait(false);
            if (await missing.IsHereAsync(plan, stop).ConfigureAwait(false) || plan.Stage.OnlyRequests)
            {
                yield return (candidate, plan);
            }
            else
            {
                missing.Add(plan);
            }
        }
    }

    /// <summary>
    /// No more than may be called now; of a stage with an entity as much as can be requested, because few of its items or none call for
    /// themselves.
    /// </summary>
    /// <returns>Null if nothing may be called.</returns>
    private async Task<Choice?> AllowAsync(Candidate candidate, StagePlan plan, int most, CancellationToken stop) =>
        plan.Stage.Entity is not null ? new(candidate, plan, most, null)
        : plan.Stage.Manifest.External && (most = await room.RoomAsync(plan, most, stop).ConfigureAwait(false)) == 0 ? null
        : await permits.TryTakeAsync(plan, most, stop).ConfigureAwait(false) is { } allowance
            ? new(candidate, plan, (int)Math.Min(most, (long)allowance.Calls * plan.ItemsPerCall), allowance)
        : null;
}
