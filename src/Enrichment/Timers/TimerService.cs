using System.Collections.Concurrent;
using Enrichment.Execution;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Timers;

/// <summary>Acts on states IN_PROGRESS at their dates: polls, and decides calls that were not answered in time.</summary>
/// <remarks>
/// It waits for no poll: polls run by themselves, as many for a client as the host's calls in flight allow, and each outcome is written
/// when it arrives.
/// </remarks>
internal sealed class TimerService(
    ITimerStore store,
    BatchPlans plans,
    StepActivator steps,
    MissingSteps missing,
    OutcomeWriter writer,
    StepHost host,
    WorkSignal signal)
{
    private const int RangesAtOnce = 32;

    // Added to a poll's time-out: until then no other host polls the same call.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Task, byte> polling = new();
    private readonly WorkerRun run = host.Run;
    private long written;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref written);

    /// <summary>Ends when the running polls have ended. Their faults were logged.</summary>
    public Task EndAsync() => Task.WhenAll(polling.Keys);

    /// <summary>Wakes the states of one range that have reached their date.</summary>
    /// <returns>False if there were none, and no poll is being made.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken stop)
    {
        var (hint, returned) = (signal.Next, host.Slots.Returned);
        var full = new HashSet<(int Batch, short Stage)>();
        int found;
        do
        {
            RangeKey[] ranges = [.. await store.FindDueTimersAsync([.. missing.Stages, .. full], RangesAtOnce, stop).ConfigureAwait(false)];
            Random.Shared.Shuffle(ranges);
            foreach (var range in ranges)
            {
                if (full.Contains((range.Batch, range.Stage)))
                {
                    continue;
                }

                if (await TryTakeAsync(range, stop).ConfigureAwait(false) is not { } due)
                {
                    full.Add((range.Batch, range.Stage)); // Its client has enough calls in flight: others' come first.
                }
                else if (due > 0)
                {
                    return true;
                }
            }

            found = ranges.Length;
        }
        while (found == RangesAtOnce && full.Count > 0);

        if (full.Count > 0)
        {
            await run.Time.WaitAsync(returned, CallSlots.Patience, stop).ConfigureAwait(false);
        }
        else if (!polling.IsEmpty)
        {
            await run.Time.WaitAsync(Task.WhenAny([hint, .. polling.Keys]), run.Options.PollInterval, stop).ConfigureAwait(false);
        }
        else
        {
            return false;
        }

        return true;
    }

    /// <summary>How many timers were taken; null if their client may have no more calls in flight.</summary>
    private async Task<int?> TryTakeAsync(RangeKey range, CancellationToken stop)
    {
        var plan = await plans.FindAsync(range, stop).ConfigureAwait(false);
        var polls = plan.Stage.Manifest.PollInterval is not null;
        if (polls && !await missing.IsHereAsync(plan, stop).ConfigureAwait(false))
        {
            // Taking what it cannot poll would only keep it from a host that can. A deadline that is all there is needs no step.
            missing.Add(plan);
            return 0;
        }

        var step = polls ? await FindPollingAsync(plan, stop).ConfigureAwait(false) : null;
        var slots = step is null ? 0 : host.Slots.TryTake(plan.Batch.Client, run.Options.ClaimSize);
        if (step is not null && slots == 0)
        {
            return null;
        }

        IReadOnlyList<DueTimer> due = [];
        try
        {
            due = await store
                .TakeDueTimersAsync(range, step is null ? run.Options.ClaimSize : slots, plan.Stage.Timeout + Margin, stop)
                .ConfigureAwait(false);
        }
        finally
        {
            host.Slots.Return(plan.Batch.Client, slots == 0 ? 0 : slots - due.Count);
        }

        if (step is not null && due.Count > 0)
        {
            Follow(PollAsync(plan, range, new(plan, step, host), due, stop));
        }
        else
        {
            await SettleAsync(
                    plan,
                    range,
                    [.. due.Where(item => item.Overdue).Select(item => Overdue(plan, item))],
                    due.Select(item => (item.Item, item.SinceSent)))
                .ConfigureAwait(false);
        }

        return due.Count;
    }

    private static StateChange Overdue(StagePlan plan, DueTimer item) =>
        plan.OutcomeRules.Overdue(
            new(item.Item, item.Generation, item.Attempt, item.Tries, item.KeyGeneration),
            Random.Shared.NextDouble());

    /// <summary>
    /// The polling half and its settings; null if this host cannot make them now: polls are left to their next date, deadlines are not.
    /// </summary>
    private async ValueTask<ReadyStep?> FindPollingAsync(StagePlan plan, CancellationToken stop)
    {
        try
        {
            return await steps.ReadyAsync(plan, stop).ConfigureAwait(false);
        }
        catch (EnrichmentException exception)
        {
            Log.SentWorkFailed(run.Logger, plan.Batch.Id, plan.Number, plan.Stage.Manifest.Slug, exception.Message, null);
            return null;
        }
    }

    private void Follow(Task polls)
    {
        var followed = new TaskCompletionSource();
        polling[followed.Task] = 0;
        _ = FollowAsync();

        async Task FollowAsync()
        {
            try
            {
                await polls.ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Nobody waits for them: here their faults are caught, and they are made again at their next date.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.TimersFailed(run.Logger, TimeSpan.Zero, exception);
            }

            polling.TryRemove(followed.Task, out _);
            followed.SetResult();
        }
    }

    private async Task PollAsync(StagePlan plan, RangeKey range, Polls polls, IReadOnlyList<DueTimer> due, CancellationToken stop)
    {
        using (polls)
        {
            var began = run.Time.GetTimestamp();
            var sent = due.Select(item => (item.Item, item.SinceSent + run.Time.GetElapsedTime(began)));
            var making = polls.RunAsync(due, stop);
            try
            {
                await foreach (var set in polls.Outcomes.ReadSetsAsync(making).ConfigureAwait(false))
                {
                    await SettleAsync(plan, range, set, sent).ConfigureAwait(false);
                }
            }
            finally
            {
                await making.ConfigureAwait(false);
            }
        }
    }

    private async Task SettleAsync(
        StagePlan plan,
        RangeKey range,
        List<StateChange> outcomes,
        IEnumerable<(int Item, TimeSpan? Since)> sent)
    {
        if (outcomes.Count == 0)
        {
            return;
        }

        run.Instruments.Enter(OutcomeRules.Phase, plan, outcomes.Count);
        var settled = await writer
            .SettleAsync(plan, new SettleRequest(range, outcomes, []) { IsRequestBatch = plan.Batch.IsRequestBatch, SinceSent = sent })
            .ConfigureAwait(false);
        Interlocked.Add(ref written, settled.Items.Count);
        Log.TimersDue(run.Logger, outcomes.Count, plan.Batch.Id, range.Stage, settled.Items.Count);
        if (settled.Shared || outcomes.Exists(outcome => outcome.Status != Status.InProgress && settled.Items.Contains(outcome.Item)))
        {
            signal.Raise();
        }
    }
}
