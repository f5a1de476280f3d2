namespace Enrichment;

/// <summary>Neighbouring rows that share a bucket: a reader in row order reads them at once.</summary>
/// <param name="Bucket">Their bucket.</param>
/// <param name="First">The first row.</param>
/// <param name="Last">The last row, inclusive.</param>
internal readonly record struct BucketRun(short Bucket, int First, int Last)
{
    /// <summary>How many bytes of rows and results, before any compression, a reader reads at once.</summary>
    internal const long BytesAtOnce = 8 * 1024 * 1024;

    /// <summary>Every row there may be.</summary>
    public static IReadOnlyList<BucketRun> All { get; } =
    [.. Enumerable.Range(0, Enrichment.Bucket.Count).Select(bucket => new BucketRun((short)bucket, 1, int.MaxValue))];

    /// <summary>
    /// The runs of certain rows of an upload, so that each is found by its key. Numbers below 1 are left out: no row has them.
    /// </summary>
    /// <param name="uploadId">The upload's public id.</param>
    /// <param name="rows">Ascending, none twice.</param>
    public static IReadOnlyList<BucketRun> Of(Guid uploadId, IEnumerable<int> rows)
    {
        var first = Enrichment.Bucket.Of(uploadId, 1);
        var runs = new List<BucketRun>();
        foreach (var row in rows.Where(row => row > 0))
        {
            if (runs.Count > 0 && runs[^1].Last == row - 1 && (row - 1) % Enrichment.Bucket.RowsPerRun != 0)
            {
                runs[^1] = runs[^1] with { Last = row };
            }
            else
            {
                runs.Add(new((short)Enrichment.Bucket.After(first, row), row, row));
            }
        }

        return runs;
    }

    /// <summary>The part of a run that a reader holds at once: as many rows as fit into <see cref="BytesAtOnce"/>, at least one.</summary>
    /// <param name="sizes">The bytes of its rows, ascending by row; rows of none may be missing.</param>
    internal IEnumerable<BucketRun> Within(IEnumerable<(int Row, long Bytes)> sizes)
    {
        var (first, held) = (First, 0L);
        foreach (var (row, bytes) in sizes)
        {
            if (held > 0 && held + bytes > BytesAtOnce)
            {
                yield return this with { First = first, Last = row - 1 };
                (first, held) = (row, 0);
            }

            held += bytes;
        }

        yield return this with { First = first };
    }

    /// <summary>The runs that cover the rows of an upload after <paramref name="after"/> up to <paramref name="lastRow"/>, ascending.</summary>
    public static IEnumerable<BucketRun> Of(Guid uploadId, int lastRow, int after = 0)
    {
        var first = Math.Min(after, lastRow) + 1;
        while (first <= lastRow)
        {
            var last = Math.Min(lastRow, (((first - 1) / Enrichment.Bucket.RowsPerRun) + 1) * Enrichment.Bucket.RowsPerRun);
            yield return new((short)Enrichment.Bucket.Of(uploadId, first), first, last);
            first = last + 1;
        }
    }
}
