namespace Enrichment.Storage;

/// <summary>Neighbouring rows that share a bucket: what a reader in row order asks for at once.</summary>
/// <param name="Bucket">Their bucket.</param>
/// <param name="First">The first row.</param>
/// <param name="Last">The last row, inclusive.</param>
public readonly record struct BucketRun(short Bucket, int First, int Last)
{
    /// <summary>Every row there may be.</summary>
    public static IReadOnlyList<BucketRun> All { get; } = [.. Enumerable.Range(0, Storage.Bucket.Count).Select(bucket => new BucketRun((short)bucket, 1, int.MaxValue))];

    /// <summary>The runs of certain rows of an upload, so that each is found by its key. Numbers below 1 are left out: no row has them.</summary>
    /// <param name="uploadId">The upload's public id.</param>
    /// <param name="rows">Ascending, none twice.</param>
    public static IReadOnlyList<BucketRun> Of(Guid uploadId, IEnumerable<int> rows)
    {
        var first = Storage.Bucket.Of(uploadId, 1);
        var runs = new List<BucketRun>();
        foreach (var row in rows.Where(row => row > 0))
        {
            if (runs.Count > 0 && runs[^1].Last == row - 1 && (row - 1) % Storage.Bucket.RowsPerRun != 0)
            {
                runs[^1] = runs[^1] with { Last = row };
            }
            else
            {
                runs.Add(new((short)Storage.Bucket.After(first, row), row, row));
            }
        }

        return runs;
    }

    /// <summary>The runs that cover the rows 1 to <paramref name="lastRow"/> of an upload, ascending.</summary>
    public static IEnumerable<BucketRun> Of(Guid uploadId, int lastRow)
    {
        for (var first = 1; first <= lastRow; first += Storage.Bucket.RowsPerRun)
        {
            yield return new((short)Storage.Bucket.Of(uploadId, first), first, Math.Min(lastRow, first + Storage.Bucket.RowsPerRun - 1));
        }
    }
}
