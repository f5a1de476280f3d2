using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>
/// The unguessable name of an attempt: its key, so that it is found without a search; 128 random bits, of which the store keeps the hash;
/// and a code by which any host refuses a forgery without reading the store. 56 characters that need no encoding in an address, in one
/// spelling only.
/// </summary>
internal sealed class CallbackToken
{
    private const string Purpose = "attempt";
    private const int Named = 16;
    private const int Secret = 16;
    private const int Signed = Named + Secret;

    // The random bits are what cannot be guessed; the code has to be too much for a flood. 80 bits are the least that RFC 2104 advises.
    private const int Code = 10;
    private const int Size = Signed + Code;

    private readonly byte[] bytes;

    private CallbackToken(byte[] bytes, AttemptKey attempt) => (this.bytes, Attempt, Hash) = (bytes, attempt, SHA256.HashData(bytes));

    /// <summary>The attempt that it names.</summary>
    public AttemptKey Attempt { get; }

    /// <summary>What the store keeps of it.</summary>
    public byte[] Hash { get; }

    /// <summary>The number of the key that it was signed with.</summary>
    public byte Key => bytes[0];

    /// <summary>A new token for an attempt.</summary>
    public static CallbackToken Create(AttemptKey attempt, KeyRing keys)
    {
        var token = new byte[Size];
        token[0] = keys.Newest;
        token[1] = (byte)attempt.Range.Bucket;
        BinaryPrimitives.WriteInt32BigEndian(token.AsSpan(2), attempt.Range.Batch);
        BinaryPrimitives.WriteInt16BigEndian(token.AsSpan(6), attempt.Range.Stage);
        BinaryPrimitives.WriteInt32BigEndian(token.AsSpan(8), attempt.Item);
        BinaryPrimitives.WriteInt32BigEndian(token.AsSpan(12), attempt.Attempt);
        RandomNumberGenerator.Fill(token.AsSpan(Named, Secret));
        keys.Sign(keys.Newest, Purpose, token.AsSpan(0, Signed), token.AsSpan(Signed));
        return new(token, attempt);
    }

    /// <summary>
    /// Reads a token from outside; null if it is not a token. Whether hosts of this store made it, <see cref="IsSignedWith"/> says;
    /// whether it still names an attempt, the store.
    /// </summary>
    public static CallbackToken? Read(string text)
    {
        var token = new byte[Size];
        if (text.Length != Base64Url.GetEncodedLength(Size)
            || Base64Url.DecodeFromChars(text, token, out _, out var read) != OperationStatus.Done
            || read != Size
            || token[1] >= Bucket.Count)
        {
            return null;
        }

        var range = new RangeKey(
            token[1],
            BinaryPrimitives.ReadInt32BigEndian(token.AsSpan(2)),
            BinaryPrimitives.ReadInt16BigEndian(token.AsSpan(6)));
        var attempt = new AttemptKey(
            range,
            BinaryPrimitives.ReadInt32BigEndian(token.AsSpan(8)),
            BinaryPrimitives.ReadInt32BigEndian(token.AsSpan(12)));
        return range is { Batch: > 0, Stage: > 0 } && attempt is { Item: > 0, Attempt: > 0 } ? new(token, attempt) : null;
    }

    public bool IsSignedWith(KeyRing keys) => keys.Recognises(Key, Purpose, bytes.AsSpan(0, Signed), bytes.AsSpan(Signed));

    public override string ToString() => Base64Url.EncodeToString(bytes);
}
