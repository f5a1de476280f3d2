namespace Enrichment.Providers.Http;

/// <summary>How a vendor delivers the answer to a declared callback step.</summary>
public sealed class HttpCallbackSettings
{
    /// <summary>How deliveries prove themselves. Default: by the token in the address alone.</summary>
    public HttpSignature Signature { get; init; }

    /// <summary>The header of the signature, for <see cref="HttpSignature.Hmac"/>. Default: <c>X-Signature</c>.</summary>
    public string Header { get; init; } = "X-Signature";

    /// <summary>
    /// The hash, for <see cref="HttpSignature.Hmac"/>: <c>SHA1</c>, <c>SHA256</c>, <c>SHA384</c> or <c>SHA512</c>. Default: <c>SHA256</c>.
    /// </summary>
    public string Hash { get; init; } = "SHA256";

    /// <summary>The text before the signature, such as <c>sha256=</c>. Default: none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>
    /// Where the first answer names the call, as a JSON pointer; kept for people to look it up. Null: its body is not read.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>How deliveries say whether they are the final one. Default: each is.</summary>
    public HttpProgressSettings Progress { get; init; } = new();
}
