using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>What a sweep makes of an interval whose host was lost.</summary>
internal static class LostInterval
{
    /// <summary>The intervals that its open items are claimed in again: halves, down to one item.</summary>
    public static List<Lease> Halves(Lease lease, List<LostItem> open)
    {
        var again = lease with { Losses = (short)(lease.Losses + 1), Alone = (short)(open.Count == 1 ? lease.Alone + 1 : lease.Alone) };
        if (open.Count < 2)
        {
            return open.Count == 0 ? [] : [again];
        }

        var middle = open[(open.Count - 1) / 2].Item;
        return [again with { Hi = middle }, again with { Lo = middle + 1 }];
    }
}
