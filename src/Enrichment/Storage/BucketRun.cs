namespace Enrichment.Storage;

/// <summary>Neighbouring rows that share a bucket: what a reader in row order asks for at once.</summary>
/// <param name="Bucket">Their bucket.</param>
/// <param name="First">The first row.</param>
/// <param name="Last">The last row, inclusive.</param>
public readonly record struct BucketRun(short Bucket, int First, int Last)
{
    /// <summary>The runs that cover the rows 1 to <paramref name="lastRow"/> of an upload, ascending.</summary>
    public static IEnumerable<BucketRun> Of(Guid uploadId, int lastRow)
    {
        for (var first = 1; first <= lastRow; first += Storage.Bucket.RowsPerRun)
        {
            yield return new((short)Storage.Bucket.Of(uploadId, first), first, Math.Min(lastRow, first + Storage.Bucket.RowsPerRun - 1));
        }
    }
}
