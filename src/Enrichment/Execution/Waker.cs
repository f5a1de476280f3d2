using System.Collections.Concurrent;
using Enrichment.Entities;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>Acts on states IN_PROGRESS at their dates: polls what can be polled, and decides what was not answered in time.</summary>
internal sealed class Waker(IEnrichmentStore store, OutcomeWriter writer, BatchPlans plans, HostSteps steps, WorkSignal signal, WorkerOptions options, TimeProvider time, ILogger logger)
{
    private const int RangesAtOnce = 32;

    // Added to a poll's time-out: until then nobody else polls the same call.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(int Batch, short Stage), byte> missing = new();
    private long written;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref written);

    /// <summary>Stages that this host cannot poll because it does not have their step, as far as it has met them: they wait for a host that has.</summary>
    public IReadOnlyCollection<(int Batch, short Stage)> Missing => [.. missing.Keys];

    /// <summary>Wakes the states of one range that have reached their date.</summary>
    /// <returns>False if there were none.</returns>
    public async Task<bool> WakeOnceAsync(CancellationToken stop)
    {
        RangeKey[] ranges = [.. await store.FindWakingAsync(Missing, RangesAtOnce, stop).ConfigureAwait(false)];
        Random.Shared.Shuffle(ranges);
        foreach (var range in ranges)
        {
            var plan = await plans.FindAsync(range, stop).ConfigureAwait(false);
            if (plan.Stage.Manifest.PollInterval is not null && !steps.Has(plan.Stage))
            {
                // To wake what it cannot poll would only keep it from a host that can. A deadline that is all there is needs no step.
                if (missing.TryAdd((range.Batch, range.Stage), 0))
                {
                    Log.StepMissing(logger, plan.Batch.Id, plan.Number, plan.Stage.Manifest.Slug, plan.Stage.Manifest.Version);
                }

                continue;
            }

            var woken = await store.WakeAsync(range, options.InFlight, plan.Stage.Timeout + Margin, stop).ConfigureAwait(false);
            if (woken.Count > 0)
            {
                await ActAsync(plan, range, woken, stop).ConfigureAwait(false);
                return true;
            }
        }

        return false;
    }

    private async Task ActAsync(StagePlan plan, RangeKey range, IReadOnlyList<WokenItem> woken, CancellationToken stop)
    {
        if (plan.Stage.Manifest.PollInterval is null || FindPolling(plan) is not { } polling)
        {
            await SettleAsync(plan, range, [.. woken.Where(item => item.Overdue).Select(item => plan.Verdict.Overdue(Sent(item), Random.Shared.NextDouble()))]).ConfigureAwait(false);
            return;
        }

        // Also what is overdue: no host may have lived at the dates of its polls, and to ask once more costs nothing.
        var outcomes = await Task.WhenAll(woken.Select(item => Task.Run(() => PollAsync(plan, polling, item, stop), CancellationToken.None))).ConfigureAwait(false);
        foreach (var set in outcomes.OfType<ItemCommit>().Chunk(options.ClaimSize))
        {
            await SettleAsync(plan, range, set).ConfigureAwait(false);
        }
    }

    /// <summary>The polling half and its settings; null if they cannot be had on this host now: polls are left to their next date, deadlines are not.</summary>
    private ReadyStep? FindPolling(StagePlan plan)
    {
        try
        {
            return steps.Ready(plan);
        }
        catch (EnrichmentException exception)
        {
            Log.SentWorkFailed(logger, plan.Batch.Id, plan.Number, plan.Stage.Manifest.Slug, exception.Message, null);
            return null;
        }
    }

    /// <summary>One poll, the last one if the item is overdue. Null if the host stopped meanwhile: it is made again at its next date.</summary>
    private async Task<ItemCommit?> PollAsync(StagePlan plan, ReadyStep step, WokenItem item, CancellationToken stop)
    {
        using var over = new CancellationTokenSource(plan.Stage.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stop);
        StepOutcome outcome;
        try
        {
            // A step that does not heed its token, or blocks its thread, is left behind: a poll only reads.
            var poll = Task.Run(
                async () =>
                {
                    await using var use = step.Begin();
                    var half = use.Step as IPollingStep ?? throw new StepFaultException($"The step has a time between polls, but does not implement {nameof(IPollingStep)}.");
                    return await half.PollAsync(plan.Context(Sent(item), item.Reference, step.Options, time), either.Token).ConfigureAwait(false);
                },
                CancellationToken.None);
            outcome = await poll.WaitAsync(either.Token).ConfigureAwait(false) ?? StepOutcome.Unknown("The poll returned null instead of an outcome.");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            outcome = StepOutcome.Unknown($"The poll did not answer within {plan.Stage.Timeout}.");
        }
#pragma warning disable CA1031 // A step's faults are no answer, whatever it throws: the call is still out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = StepOutcome.Unknown($"The poll threw {step.Told(exception)}");
        }

        var commit = plan.Verdict.OfPoll(Sent(item), outcome = step.Told(outcome), Random.Shared.NextDouble());
        return item.Overdue && commit.Status == Status.InProgress ? plan.Verdict.Overdue(Sent(item), Random.Shared.NextDouble(), outcome.Reason) : commit;
    }

    private async Task SettleAsync(StagePlan plan, RangeKey range, ItemCommit[] outcomes)
    {
        if (outcomes.Length == 0)
        {
            return;
        }

        var settled = (await writer.SettleAsync(plan, new(range, outcomes, []) { Asks = plan.Batch.Asks }).ConfigureAwait(false)).Items;
        Interlocked.Add(ref written, settled.Count);
        Log.Woken(logger, outcomes.Length, range.Batch, range.Stage, settled.Count);
        if (Array.Exists(outcomes, outcome => outcome.Status != Status.InProgress && settled.Contains(outcome.Item)))
        {
            signal.Raise();
        }
    }

    private static SentItem Sent(WokenItem item) => new(item.Item, item.Generation, item.Attempt, item.Tries, item.KeyGeneration);
}
