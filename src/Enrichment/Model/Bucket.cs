using System.Security.Cryptography;

namespace Enrichment;

/// <summary>The distribution key that every hot table's key begins with.</summary>
/// <remarks>
/// Computed once, at staging, and inherited by everything that descends from the row; a thousand neighbours share a bucket, so a range of
/// rows is one interval.
/// </remarks>
internal static class Bucket
{
    /// <summary>Buckets are 0 to 63: enough to spread over any cluster foreseen, few enough to visit them all.</summary>
    public const int Count = 64;

    /// <summary>Rows of an upload that follow each other in one bucket before the next begins.</summary>
    public const int RowsPerRun = 1000;

    /// <summary>The bucket of a row, and of the item that it becomes.</summary>
    /// <param name="uploadId">The upload's public id.</param>
    /// <param name="row">The row's number in the upload, from 1.</param>
    public static int Of(Guid uploadId, int row) => After(Start(uploadId), row);

    /// <summary>
    /// The bucket of a row, where the first row's is known: for many rows, because hashing the id takes longer than writing a row.
    /// </summary>
    internal static int After(int first, int row)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row, 1);
        return (first + ((row - 1) / RowsPerRun)) % Count;
    }

    /// <summary>The first byte of SHA-256 over the id's 16 bytes in network order: two uploads seldom start in the same bucket.</summary>
    private static int Start(Guid uploadId)
    {
        Span<byte> id = stackalloc byte[16];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        uploadId.TryWriteBytes(id, bigEndian: true, out _);
        SHA256.HashData(id, hash);
        return hash[0];
    }
}
