namespace Enrichment.Consolidation;

/// <summary>A batch as consolidation reads it.</summary>
/// <param name="Key">The inner key.</param>
/// <param name="Client">The client's inner key.</param>
/// <param name="Upload">The upload's inner key.</param>
/// <param name="Buckets">The buckets in which it may have items.</param>
/// <param name="Plan">The projection resolved against it.</param>
internal sealed record PlannedBatch(int Key, int Client, int Upload, IReadOnlyList<short> Buckets, ProjectionPlan Plan);
