namespace Enrichment.Consolidation;

/// <summary>A batch as consolidation reads it.</summary>
/// <param name="Key">The inner key.</param>
/// <param name="Client">The client's inner key.</param>
/// <param name="Upload">The upload's inner key.</param>
/// <param name="Buckets">The buckets in which it may have items.</param>
/// <param name="Plan">The projection resolved against it.</param>
/// <param name="Items">How many items it has.</param>
/// <param name="Ended">Its version, if it has ended: until that moves, no state of it changes.</param>
/// <param name="Shown">
/// The version of it, ended, that the table shows, where it shows it as a whole; what has changed since was retried since.
/// </param>
internal sealed record PlannedBatch(
    int Key,
    int Client,
    int Upload,
    IReadOnlyList<short> Buckets,
    ProjectionPlan Plan,
    int Items,
    int? Ended,
    int? Shown);
