using System.Buffers.Binary;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>A row of a child table.</summary>
/// <param name="Place">Its place among the rows that were evaluated.</param>
/// <param name="Key">Sixteen bytes of its key.</param>
/// <param name="Content">Sixteen bytes of all of its cells.</param>
/// <param name="Twin">Its number among the rows with this key, from 1.</param>
internal readonly record struct ChildRow(int Place, UInt128 Key, UInt128 Content, int Twin)
{
    /// <summary>Eight bytes by which a row that is there already is told from a new one.</summary>
    public long Hash => (long)(Content >> 64);
}

/// <summary>The key of a child row as a store holds it.</summary>
internal static class ChildKey
{
    public const int Size = 16;

    public static byte[] Bytes(this UInt128 key)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        return bytes;
    }
}
