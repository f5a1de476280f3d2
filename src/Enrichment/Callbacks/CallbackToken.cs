using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Enrichment.Storage;

namespace Enrichment.Callbacks;

/// <summary>The unguessable name of an attempt: its key, so that it is found without a search, and 128 random bits. 43 characters that stand in an address as they are.</summary>
internal static class CallbackToken
{
    private const byte Version = 1;
    private const int Secret = 16;
    private const int Size = 16 + Secret;

    /// <summary>A new token for an attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="hash">What is stored of it.</param>
    public static string Create(AttemptKey attempt, out byte[] hash)
    {
        Span<byte> token = stackalloc byte[Size];
        token[0] = Version;
        token[1] = (byte)attempt.Range.Bucket;
        BinaryPrimitives.WriteInt32BigEndian(token[2..], attempt.Range.Batch);
        BinaryPrimitives.WriteInt16BigEndian(token[6..], attempt.Range.Stage);
        BinaryPrimitives.WriteInt32BigEndian(token[8..], attempt.Item);
        BinaryPrimitives.WriteInt32BigEndian(token[12..], attempt.Attempt);
        RandomNumberGenerator.Fill(token[16..]);
        hash = SHA256.HashData(token);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Reads a token that came from outside. Whether it is one that was given out, the store alone knows.</summary>
    public static bool TryRead(string text, out AttemptKey attempt, out byte[] hash)
    {
        Span<byte> token = stackalloc byte[Size];
        (attempt, hash) = (default, []);
        if (text.Length != Base64Url.GetEncodedLength(Size) || Base64Url.DecodeFromChars(text, token, out _, out var read) != OperationStatus.Done || read != Size || token[0] != Version || token[1] >= Bucket.Count)
        {
            return false;
        }

        var range = new RangeKey(token[1], BinaryPrimitives.ReadInt32BigEndian(token[2..]), BinaryPrimitives.ReadInt16BigEndian(token[6..]));
        attempt = new(range, BinaryPrimitives.ReadInt32BigEndian(token[8..]), BinaryPrimitives.ReadInt32BigEndian(token[12..]));
        hash = SHA256.HashData(token);
        return range is { Batch: > 0, Stage: > 0 } && attempt is { Item: > 0, Attempt: > 0 };
    }
}
