using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>What becomes of an interval that lost its host: poison is cornered by halving. Pure.</summary>
internal static class LostWork
{
    /// <summary>The outcomes to write, and the intervals to leave behind.</summary>
    /// <param name="lease">As taken over: its counts are those before this loss.</param>
    /// <param name="items">The open items.</param>
    /// <param name="rules">The stage's outcome rules.</param>
    public static (List<StateChange> Outcomes, List<Lease> Intervals) Decide(Lease lease, IReadOnlyList<LostItem> items, OutcomeRules rules)
    {
        var alone = items.Count == 1 ? lease.Alone + 1 : 0;
        if (alone >= OutcomeRules.PoisonAfter)
        {
            return ([rules.Poisoned(items[0], alone)], []);
        }

        List<StateChange> outcomes = [.. items.Select(rules.HostLost).OfType<StateChange>()];
        var open = items
            .Select(item => item.Item)
            .Except(outcomes.Where(outcome => outcome.Status.IsTerminal()).Select(outcome => outcome.Item))
            .ToList();
        return (outcomes, Intervals(lease with { Losses = (short)(lease.Losses + 1), Alone = (short)alone }, open));
    }

    // The first keeps the lease's own beginning, because that is its key.
    private static List<Lease> Intervals(Lease lease, List<int> open) => open.Count switch
    {
        0 => [],
        1 => [lease with { Hi = open[0] }],
        _ => [lease with { Hi = open[(open.Count / 2) - 1] }, lease with { Lo = open[open.Count / 2], Hi = open[^1] }],
    };
}
