using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>A value in a column of a list, as it is stored and looked up: by its hash, so that its length does not count.</summary>
/// <param name="Column">The column's place among those of all lists of the definition.</param>
/// <param name="Hash">Sixteen bytes of the SHA-256 of the value in its one notation.</param>
internal readonly record struct ListedValue(short Column, UInt128 Hash)
{
    /// <summary>The bucket that holds it: that of the value, so that a look-up needs no other.</summary>
    public short Bucket => (short)((byte)(Hash >> 120) % Enrichment.Bucket.Count);

    /// <summary>
    /// Eight bytes by which a row notes that it was looked up. Two values may share a mark: then a row is done again in vain.
    /// </summary>
    public ulong Mark => (ulong)(Hash >> 64);

    /// <summary>A value as it is stored.</summary>
    public static ListedValue Of(short column, byte[] stored) => new(column, BinaryPrimitives.ReadUInt128BigEndian(stored));

    public static ListedValue Of(short column, object value)
    {
        var text = value switch
        {
            string known => known,
            decimal number => CellNumber.Format(number),
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return new(column, BinaryPrimitives.ReadUInt128BigEndian(hash));
    }
}
