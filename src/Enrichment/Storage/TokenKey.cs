namespace Enrichment.Storage;

/// <summary>A key that the hosts of one store share and nobody else has. They sign callback tokens and leases of external workers with it.</summary>
/// <param name="Number">1 to 255. The greatest signs; the others are known until they are deleted.</param>
/// <param name="Secret">At least 32 random bytes.</param>
public sealed record TokenKey(byte Number, ReadOnlyMemory<byte> Secret)
{
    /// <summary>The number alone: the secret is in no log.</summary>
    public override string ToString() => $"token key {Number}";
}
