using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>Acts on states IN_PROGRESS at their dates: polls what can be polled, and decides what was not answered in time.</summary>
internal sealed class Waker(IEnrichmentStore store, StoreCalls calls, BatchPlans plans, HostSteps steps, WorkSignal signal, WorkerOptions options, TimeProvider time, ILogger logger)
{
    private const int RangesAtOnce = 32;

    // Added to a poll's time-out: until then nobody else polls the same call.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private long written;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref written);

    /// <summary>Wakes the states of one range that have reached their date.</summary>
    /// <returns>False if there were none.</returns>
    public async Task<bool> WakeOnceAsync(CancellationToken stop)
    {
        RangeKey[] ranges = [.. await store.FindWakingAsync(RangesAtOnce, stop).ConfigureAwait(false)];
        Random.Shared.Shuffle(ranges);
        foreach (var range in ranges)
        {
            var plan = await plans.FindAsync(range, stop).ConfigureAwait(false);
            if (plan.Stage.Manifest.PollInterval is not null && !steps.Has(plan.Stage))
            {
                continue; // To wake what it cannot poll would only keep it from a host that can. A deadline that is all there is needs no step.
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
        await SettleAsync(range, [.. woken.Where(item => item.Overdue).Select(item => plan.Verdict.Overdue(Sent(item), Random.Shared.NextDouble()))]).ConfigureAwait(false);
        List<WokenItem> toPoll = [.. woken.Where(item => !item.Overdue)];
        if (toPoll.Count > 0 && steps.Has(plan.Stage) && steps.Step(plan.Stage) is IPollingStep step)
        {
            await PollAsync(plan, range, step, toPoll, stop).ConfigureAwait(false);
        }
    }

    private async Task PollAsync(StagePlan plan, RangeKey range, IPollingStep step, List<WokenItem> items, CancellationToken stop)
    {
        var settings = steps.Options(plan.Stage);
        foreach (var set in items.Chunk(options.ClaimSize))
        {
            var outcomes = await Task.WhenAll(set.Select(item => Task.Run(() => PollAsync(plan, step, item, settings, stop), CancellationToken.None))).ConfigureAwait(false);
            await SettleAsync(range, [.. outcomes.OfType<ItemCommit>()]).ConfigureAwait(false);
        }
    }

    /// <summary>One poll. Null if the host stopped meanwhile: it is made again at its next date.</summary>
    private async Task<ItemCommit?> PollAsync(StagePlan plan, IPollingStep step, WokenItem item, object? settings, CancellationToken stop)
    {
        using var over = new CancellationTokenSource(plan.Stage.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, stop);
        StepOutcome outcome;
        try
        {
            // A step that does not heed its token is left behind: a poll only reads.
            outcome = await step.PollAsync(plan.Context(Sent(item), item.Reference, settings, time), either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false)
                ?? StepOutcome.Failed("The poll returned null instead of an outcome.", ErrorClass.InvalidOutput);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            outcome = StepOutcome.Unknown($"The poll did not answer within {plan.Stage.Timeout}.");
        }
#pragma warning disable CA1031 // A step's faults are its item's outcome, whatever it throws.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            outcome = StepOutcome.Failed($"The poll threw {ErrorText.Of(exception)}");
        }

        return plan.Verdict.OfPoll(Sent(item), outcome, Random.Shared.NextDouble());
    }

    private async Task SettleAsync(RangeKey range, IReadOnlyList<ItemCommit> outcomes)
    {
        if (outcomes.Count == 0)
        {
            return;
        }

        var request = new SettleRequest(range, outcomes, []);
        var settled = (await calls.RunAsync(token => store.SettleAsync(request, token), CancellationToken.None).ConfigureAwait(false)).ToHashSet();
        Interlocked.Add(ref written, settled.Count);
        Log.Woken(logger, outcomes.Count, range.Batch, range.Stage, settled.Count);
        if (outcomes.Any(outcome => outcome.Status != Status.InProgress && settled.Contains(outcome.Item)))
        {
            signal.Raise();
        }
    }

    private static SentItem Sent(WokenItem item) => new(item.Item, item.Generation, item.Attempt, item.Tries);
}
