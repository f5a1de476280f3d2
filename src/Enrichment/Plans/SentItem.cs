using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>An attempt that is out with a vendor.</summary>
/// <param name="Item">The item.</param>
/// <param name="Generation">Its generation.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="Tries">The tries that this generation has used before it.</param>
/// <param name="KeyGeneration">The generation whose idempotency key it bears.</param>
internal readonly record struct SentItem(int Item, short Generation, int Attempt, short Tries, short KeyGeneration)
{
    public static SentItem Of(ClaimedItem item) => new(item.Item, item.Generation, item.Attempt + 1, item.Tries, item.KeyGeneration);
}
