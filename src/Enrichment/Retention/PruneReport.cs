namespace Enrichment.Retention;

/// <summary>The result of pruning.</summary>
/// <param name="Batches">The batches, those that ended first before others; in a dry run those that would be pruned.</param>
/// <param name="Rows">How many rows were deleted one by one; those of a dropped month are not counted.</param>
/// <param name="Months">How many months of results were dropped whole.</param>
/// <param name="AbandonedUploads">How many unfinished uploads were deleted.</param>
public sealed record PruneReport(IReadOnlyList<Batch> Batches, long Rows, int Months, int AbandonedUploads = 0);
