using Enrichment.Entities;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>The phases of claimed work.</summary>
/// <remarks>
/// evaluate condition → coalesce entity requests → assign permits → hand out tasks → activate step → open attempts → invoke → classify
/// outcome → write outcomes → complete waiters. The phases before the call narrow the items down, as a set. Then calls are sent in waves,
/// and their outcomes return in sets, in any order. A later answer, by delivery or poll, passes the last three phases only.
/// </remarks>
internal sealed class ClaimPipeline(
    EntityRequests requests,
    CallPermits permits,
    StepActivator steps,
    OpenAttempts attempts,
    InvokeStep invoke,
    WriteOutcomes outcomes,
    HandOutTasks tasks)
{
    private readonly StepHost host = tasks.Host;

    private readonly Phase[] before =
    [
        new EvaluateCondition(outcomes),                // does not hold: SKIPPED
        new CoalesceEntityRequests(requests, outcomes), // a stored answer serves: COMPLETED; else it waits for one call with others
        new AssignPermits(permits, steps, outcomes),    // none to be had: it waits for its date
        tasks,                                          // workers do it: their tasks wait for them
        new ActivateStep(steps, outcomes),              // not to be had on this host: FAILED
    ];

    /// <summary>
    /// Takes items through the phases, until each has an outcome, or is left because it may not be called now, or the host stops.
    /// </summary>
    public async Task RunAsync(ClaimedWork work, IReadOnlyList<ClaimedItem> items, CancellationToken stop)
    {
        foreach (var phase in before)
        {
            if (items.Count == 0)
            {
                return;
            }

            host.Run.Instruments.Enter(phase.Name, work.Plan, items.Count);
            items = await phase.RunAsync(work, items, stop).ConfigureAwait(false);
        }

        if (items.Count == 0 || stop.IsCancellationRequested || work.Lost.IsCancellationRequested)
        {
            return;
        }

        using var queue = host.Queue(work.Plan);
        using var calling = new Calling(work, queue, stop);
        var calls = CallAsync(calling, [.. items]);
        try
        {
            await outcomes.WriteAllAsync(work, queue, calls).ConfigureAwait(false); // write outcomes → complete waiters
        }
        catch
        {
            // No call is left without its watch.
            await calling.FailAsync().ConfigureAwait(false);
            await Task.WhenAny(calls).ConfigureAwait(false);
            throw;
        }

        await calls.ConfigureAwait(false);
    }

    /// <summary>open attempts → invoke → classify outcome</summary>
    private async Task CallAsync(Calling calling, ClaimedItem[] items)
    {
        try
        {
            await foreach (var wave in attempts.OpenAsync(calling, items).ConfigureAwait(false))
            {
                calling.Add(invoke.InvokeAsync(calling, wave));
            }
        }
        finally
        {
            await calling.EndAsync().ConfigureAwait(false);
        }
    }
}
