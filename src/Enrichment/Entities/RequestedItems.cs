using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Entities;

/// <summary>The result of requesting the entities of some items.</summary>
internal sealed class RequestedItems
{
    /// <summary>
    /// Items that call for themselves: no key can be made of them and the stage wants it so, or what the step reads of them is too large
    /// for a request.
    /// </summary>
    public List<ClaimedItem> Own { get; } = [];

    /// <summary>Outcomes to write now: by an answer that serves, or for want of a key.</summary>
    public List<StateChange> Outcomes { get; } = [];

    /// <summary>Items that wait for a request.</summary>
    public List<EntityWaiter> Waits { get; } = [];

    /// <summary>Whether requests were made, which are due now.</summary>
    public bool Made { get; private set; }

    public void WithoutKey(StagePlan plan, ClaimedItem item, bool calls)
    {
        if (calls)
        {
            Own.Add(item);
        }
        else
        {
            Outcomes.Add(plan.OutcomeRules.WithoutKey(item, plan.Stage.Manifest.Entity!));
        }
    }

    /// <summary>Notes the results.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="requested">An answer or a request for each entity; null if none can be made now.</param>
    /// <param name="items">The items of each.</param>
    public void Answer(StagePlan plan, IReadOnlyList<RequestedEntity>? requested, List<List<ClaimedItem>> items)
    {
        if (requested is null)
        {
            Outcomes.AddRange(items.SelectMany(same => same).Select(plan.OutcomeRules.NotRequested));
            return;
        }

        foreach (var (found, same) in requested.Zip(items))
        {
            Made |= found.Made;
            if (found.Kind is { } kind)
            {
                Outcomes.AddRange(same.Select(item => plan.OutcomeRules.FreshAnswer(item, kind, found.Answer, found.EntityRequest)));
            }
            else
            {
                Waits.AddRange(same.Select(item => new EntityWaiter(item.Item, item.Attempt, item.Generation, found.EntityRequest)));
            }
        }
    }
}
