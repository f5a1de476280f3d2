namespace Enrichment.Retention;

/// <summary>What was pruned.</summary>
/// <param name="Batches">The batches, those that ended first before others; of a dry run those that would have gone.</param>
/// <param name="Rows">How many rows were deleted one by one; those of a dropped month are not counted.</param>
/// <param name="Months">How many months of results were dropped whole.</param>
/// <param name="AbandonedUploads">How many uploads were deleted that their hosts left behind half-way.</param>
public sealed record PruneReport(IReadOnlyList<Batch> Batches, long Rows, int Months, int AbandonedUploads = 0);
