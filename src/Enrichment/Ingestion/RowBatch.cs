using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>The next rows of an upload, in order.</summary>
/// <remarks>
/// It all belongs to the reader: while the next batch is asked for it still stands, and is overwritten with the one after that.
/// </remarks>
internal readonly record struct RowBatch(IReadOnlyList<StagedRow> Accepted, IReadOnlyList<StagedReject> Rejected)
{
    public int Count => Accepted.Count + Rejected.Count;
}
