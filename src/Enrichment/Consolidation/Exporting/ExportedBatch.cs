namespace Enrichment.Consolidation.Exporting;

/// <summary>A batch that a table shows.</summary>
/// <param name="Key">The inner key.</param>
/// <param name="Id">The public id.</param>
/// <param name="UploadId">The public id of its upload.</param>
/// <param name="LastItem">No item has a higher number.</param>
internal sealed record ExportedBatch(int Key, Guid Id, Guid UploadId, int LastItem)
{
    /// <summary>The bucket of its first item.</summary>
    public int FirstBucket { get; } = Bucket.Of(UploadId, 1);
}
