using System.Security.Cryptography;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>
/// The keys of one store. What they sign can be made by its hosts alone, and each of them recognises it without asking the store.
/// </summary>
internal sealed class KeyRing
{
    private const int LeastSecret = 32;

    private readonly Dictionary<byte, byte[]> secrets;

    public KeyRing(IReadOnlyList<TokenKey> keys)
    {
        if (keys.Count == 0 || keys.Any(key => key.Secret.Length < LeastSecret))
        {
            throw new EnrichmentException(
                $"The store's table token_keys has no key, or one of fewer than {LeastSecret} bytes: nothing can be signed. Add a row with the next number and {LeastSecret} random bytes.");
        }

        secrets = keys.ToDictionary(key => key.Number, key => key.Secret.ToArray());
        Newest = keys.Where(key => key.MaySign).Select(key => key.Number).DefaultIfEmpty(keys.Min(key => key.Number)).Max();
    }

    /// <summary>The number of the key that signs: in a new store the first, else one that every host has had the time to read.</summary>
    public byte Newest { get; }

    /// <summary>A ring for tokens that no store has to recognise.</summary>
    public static KeyRing Passing() => new([new TokenKey(1, RandomNumberGenerator.GetBytes(LeastSecret))]);

    public bool Has(byte key) => secrets.ContainsKey(key);

    /// <summary>
    /// Fills <paramref name="code"/> with the first bytes of the HMAC-SHA256 of a message. The purpose keeps a code of one kind from
    /// serving as one of another.
    /// </summary>
    public void Sign(byte key, string purpose, ReadOnlySpan<byte> message, Span<byte> code)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(purpose), .. message];
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secrets[key], signed, whole);
        whole[..code.Length].CopyTo(code);
    }

    /// <summary>
    /// Whether a code is the message's, in a time that does not tell how much of it was right. False if there is no such key.
    /// </summary>
    public bool Recognises(byte key, string purpose, ReadOnlySpan<byte> message, ReadOnlySpan<byte> code)
    {
        if (!Has(key))
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[code.Length];
        Sign(key, purpose, message, expected);
        return CryptographicOperations.FixedTimeEquals(expected, code);
    }
}
