namespace Enrichment.Storage;

/// <summary>
/// A secret key that the hosts of one store share. They sign callback tokens and leases of external workers with it.
/// </summary>
/// <param name="Number">1 to 255. The greatest that may sign does; the others are known until they are deleted.</param>
/// <param name="Secret">At least 32 random bytes.</param>
/// <param name="MaySign">Whether it is two minutes old, so that every host knows it by now.</param>
internal sealed record TokenKey(byte Number, ReadOnlyMemory<byte> Secret, bool MaySign = true)
{
    /// <summary>The number alone: the secret is in no log.</summary>
    public override string ToString() => $"token key {Number}";
}
