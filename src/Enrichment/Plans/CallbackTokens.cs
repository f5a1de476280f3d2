namespace Enrichment.Plans;

/// <summary>The token and the address that a call gets if it may be answered by a delivery.</summary>
internal sealed class CallbackTokens(CallbackOptions options, TokenKeys keys)
{
    /// <summary>The keys that new tokens are signed with.</summary>
    public Task<KeyRing> KeysAsync(CancellationToken cancellationToken) => keys.ReadAsync(cancellationToken);

    /// <summary>Where the answer to one attempt is to be delivered; null if this host has no address.</summary>
    public Uri? AddressOf(string token) => options.AddressOf(token);
}
