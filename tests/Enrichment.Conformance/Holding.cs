using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>A lease as a simulated host holds it, with the items that it has not yet settled.</summary>
internal sealed class Holding(Lease lease, Batch batch, string owner)
{
    public Lease Lease { get; } = lease;

    public Batch Batch { get; } = batch;

    public string Owner { get; } = owner;

    public DateTimeOffset Until { get; set; }

    public Dictionary<int, ClaimedItem> Items { get; } = [];

    /// <summary>The items whose attempts are on record and not closed.</summary>
    public HashSet<int> Begun { get; } = [];

    /// <summary>True once its holder has committed, in vain, what it had in hand.</summary>
    public bool HasAnswered { get; set; }

    public void Take(IEnumerable<ClaimedItem> items)
    {
        foreach (var item in items)
        {
            Items[item.Item] = item;
        }
    }

    public override string ToString() => $"{Owner} {Lease.Range} {Lease.Lo}..{Lease.Hi} #{Lease.Token}";
}
