using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Enrichment.Plans;

/// <summary>
/// The key by which a vendor recognises a repeated call: the same for an item, stage and generation, and for nothing else.
/// </summary>
internal static class IdempotencyKey
{
    /// <summary>The first 128 bits of SHA-256 over batch, stage, item and generation, as 32 hexadecimal digits.</summary>
    public static string Of(Guid batch, short stage, int item, short generation)
    {
        Span<byte> source = stackalloc byte[24];
        batch.TryWriteBytes(source, bigEndian: true, out _);
        BinaryPrimitives.WriteInt16BigEndian(source[16..], stage);
        BinaryPrimitives.WriteInt32BigEndian(source[18..], item);
        BinaryPrimitives.WriteInt16BigEndian(source[22..], generation);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(source, hash);
        return Convert.ToHexStringLower(hash[..16]);
    }
}
