using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>A call that a simulated host has sent, and that may be answered at any time from then on, however often.</summary>
internal sealed record Call(RangeKey Range, ClaimedItem Item)
{
    public int Attempt => Item.Attempt + 1;

    public AttemptKey Key => new(Range, Item.Item, Attempt);

    public override string ToString() => $"{Range} {Item.Item} #{Attempt}";
}
