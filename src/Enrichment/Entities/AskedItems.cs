using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Entities;

/// <summary>What came of asking for the entities of some items.</summary>
internal sealed class AskedItems
{
    /// <summary>Items that call for themselves: no key can be made of them and the stage wants it so, or what the step reads of them is too much for an ask.</summary>
    public List<ClaimedItem> Own { get; } = [];

    /// <summary>Outcomes to write now: by an answer that serves, or for want of a key.</summary>
    public List<ItemCommit> Outcomes { get; } = [];

    /// <summary>Items that wait with an ask.</summary>
    public List<EntityWait> Waits { get; } = [];

    /// <summary>Whether asks were made, which are due now.</summary>
    public bool Made { get; private set; }

    public void WithoutKey(StagePlan plan, ClaimedItem item, bool calls)
    {
        if (calls)
        {
            Own.Add(item);
        }
        else
        {
            Outcomes.Add(plan.Verdict.WithoutKey(item, plan.Stage.Manifest.Entity!));
        }
    }

    /// <summary>Notes what was found.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="asked">An answer or an ask for each entity; null if nothing can be asked for just now.</param>
    /// <param name="items">The items of each.</param>
    public void Answer(StagePlan plan, IReadOnlyList<Asked>? asked, List<List<ClaimedItem>> items)
    {
        if (asked is null)
        {
            Outcomes.AddRange(items.SelectMany(same => same).Select(plan.Verdict.NotAsked));
            return;
        }

        foreach (var (found, same) in asked.Zip(items))
        {
            Made |= found.Made;
            if (found.Kind is { } kind)
            {
                Outcomes.AddRange(same.Select(item => plan.Verdict.FreshAnswer(item, kind, found.Answer, found.Ask)));
            }
            else
            {
                Waits.AddRange(same.Select(item => new EntityWait(item.Item, item.Attempt, item.Generation, found.Ask)));
            }
        }
    }
}
