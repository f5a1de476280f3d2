using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Skips the items for which the stage's condition does not hold.</summary>
internal sealed class EvaluateCondition(WriteOutcomes write) : Phase
{
    public override string Name => "evaluate condition";

    public override async ValueTask<IReadOnlyList<ClaimedItem>> RunAsync(
        ClaimedWork work,
        IReadOnlyList<ClaimedItem> items,
        CancellationToken stop)
    {
        if (work.Plan.Stage.When is null)
        {
            return items;
        }

        var wanted = new List<ClaimedItem>(items.Count);
        var skipped = new List<StateChange>();
        foreach (var item in items)
        {
            if (work.Plan.ConditionHolds(item))
            {
                wanted.Add(item);
            }
            else
            {
                skipped.Add(work.Plan.OutcomeRules.ConditionFalse(item));
            }
        }

        await write.WriteAsync(work, skipped).ConfigureAwait(false);
        return wanted;
    }
}
