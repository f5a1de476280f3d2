namespace Enrichment.Drift;

/// <summary>
/// Which answers of a batch are profiled: a thousand at most, fixed by a hash of the item's number, so that the same are chosen again.
/// </summary>
internal static class SampledItems
{
    /// <summary>How many answers of a step are profiled at most.</summary>
    public const int MostAnswers = 1_000;

    // Items share answers, or have none: so many are looked at before fewer answers have to do.
    private const int MostItems = 20_000;

    /// <summary>The hash is the item's number times this, modulo 2^32, in the SQL too.</summary>
    private const uint Multiplier = 2_654_435_761;

    private const long Range = 1L << 32;

    /// <summary>The bound under which the hashes of about <see cref="MostItems"/> items are.</summary>
    public static long Below(int items) => items <= MostItems ? Range : Range / items * MostItems;

    /// <summary>Items in the order of their hash.</summary>
    public static List<(short Bucket, int Item)> InOrder(IEnumerable<(short Bucket, int Item)> items) =>
        [.. items.OrderBy(item => unchecked((uint)item.Item * Multiplier))];
}
