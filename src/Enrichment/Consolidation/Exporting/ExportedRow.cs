namespace Enrichment.Consolidation.Exporting;

/// <summary>A row that an export has read.</summary>
/// <param name="Batch">The batch of its item.</param>
/// <param name="Item">The item.</param>
/// <param name="Values">A value of each column that is read.</param>
internal readonly record struct ExportedRow(ExportedBatch Batch, int Item, object?[] Values)
{
    /// <summary>The bucket of its item.</summary>
    public short Bucket => (short)Enrichment.Bucket.After(Batch.FirstBucket, Item);
}
