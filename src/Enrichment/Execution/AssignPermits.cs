using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Assigns permits to the items that need a call, and returns the rest.</summary>
/// <remarks>
/// Permits are taken before the claim, so that no more is claimed than may be sent. In a stage with an entity few items need a call, so
/// their permits are taken here. Items without a permit wait for a host that has the step, or for a later date.
/// </remarks>
internal sealed class AssignPermits(CallPermits permits, StepActivator steps, WriteOutcomes write) : Phase
{
    public override string Name => "assign permits";

    public override async ValueTask<IReadOnlyList<ClaimedItem>> RunAsync(
        ClaimedWork work,
        IReadOnlyList<ClaimedItem> items,
        CancellationToken stop)
    {
        var plan = work.Plan;
        if (plan.Stage.Entity is null)
        {
            work.Allowance?.Keep((items.Count + plan.ItemsPerCall - 1) / plan.ItemsPerCall);
            return items;
        }

        if (!await steps.CanRunAsync(plan, CancellationToken.None).ConfigureAwait(false))
        {
            work.NeedsStep = true;
            await write.WriteAsync(work, [.. items.Select(OutcomeRules.NotHere)]).ConfigureAwait(false);
            return [];
        }

        work.Allowance = await permits.TryTakeAsync(plan, items.Count, stop).ConfigureAwait(false);
        var most = (work.Allowance?.Calls ?? 0) * plan.ItemsPerCall;
        if (most >= items.Count)
        {
            return items;
        }

        await PutOffAsync(work, [.. items.Skip(most)]).ConfigureAwait(false);
        return [.. items.Take(most)];
    }

    /// <summary>
    /// Puts items off until permits are available. For a longer time they wait for that date, and requests behind them are claimed
    /// meanwhile.
    /// </summary>
    private async Task PutOffAsync(ClaimedWork work, List<ClaimedItem> items)
    {
        var rest = permits.Rest(work.Plan);
        if (rest > CallPermits.LongestRest)
        {
            await write
                .WriteAsync(work, [.. items.Select(item => OutcomeRules.NotAllowed(item, rest, permits.IsUsedUp(work.Plan)))])
                .ConfigureAwait(false);
        }
        else
        {
            permits.Refuse(work.Plan, rest > CallSlots.Patience ? rest : CallSlots.Patience);
        }
    }
}
