namespace Enrichment.Storage;

/// <summary>Items of a stage whose states the store changed without an outcome of their own: with their request, their batch.</summary>
/// <param name="Batch">The batch's inner key.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Status">What their states are now.</param>
/// <param name="Count">How many; at least one.</param>
internal readonly record struct MovedItems(int Batch, short Stage, Status Status, int Count)
{
    /// <summary>Of one range, from the statuses that its states have now.</summary>
    public static IEnumerable<MovedItems> Of(RangeKey range, IEnumerable<Status> statuses) =>
        statuses.CountBy(status => status).Select(group => new MovedItems(range.Batch, range.Stage, group.Key, group.Value));
}
