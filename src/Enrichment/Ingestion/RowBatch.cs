using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>The next rows of an upload, in order.</summary>
/// <remarks>
/// The reader owns it all: it is valid until the batch after the next is read, which overwrites it.
/// </remarks>
internal readonly record struct RowBatch(IReadOnlyList<StagedRow> Accepted, IReadOnlyList<StagedReject> Rejected)
{
    public int Count => Accepted.Count + Rejected.Count;
}
