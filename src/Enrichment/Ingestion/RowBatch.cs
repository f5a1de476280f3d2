using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>The next rows of an upload, in order. All share one bucket: a batch never spans a multiple of <see cref="Bucket.RowsPerRun"/>.</summary>
/// <remarks>The rows' bytes belong to the reader and are overwritten when the next batch is asked for.</remarks>
internal readonly record struct RowBatch(IReadOnlyList<StagedRow> Accepted, IReadOnlyList<StagedReject> Rejected)
{
    public int Count => Accepted.Count + Rejected.Count;
}
