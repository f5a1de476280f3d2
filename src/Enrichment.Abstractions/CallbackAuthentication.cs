using System.Security.Cryptography;

namespace Enrichment;

/// <summary>
/// How deliveries of a step prove that they are the vendor's. Immutable; made by the factory methods only. Several secrets serve their
/// rotation: any of them will do.
/// </summary>
public abstract record CallbackAuthentication
{
    private CallbackAuthentication()
    {
    }

    /// <summary>
    /// Standard Webhooks (standardwebhooks.com, spec 1.0.0): <c>webhook-id</c>, <c>webhook-timestamp</c> within five minutes,
    /// <c>webhook-signature</c> with versions <c>v1</c>. The id tells a repeated delivery.
    /// </summary>
    /// <param name="Secrets">Base64 of 24 to 64 bytes each, with or without the prefix <c>whsec_</c>.</param>
    public sealed record StandardWebhooks(params IReadOnlyList<string> Secrets) : CallbackAuthentication;

    /// <summary>An HMAC of the body in a header. Such a signature has no date, so only the token's lifetime limits a replay.</summary>
    /// <param name="Header">The header that holds the signature.</param>
    /// <param name="Hash">SHA-1, SHA-256, SHA-384 or SHA-512.</param>
    /// <param name="Prefix">
    /// The text before the signature in the header, such as <c>sha256=</c>. The signature itself is hexadecimal or Base64.
    /// </param>
    /// <param name="Secrets">The keys, as UTF-8.</param>
    public sealed record Hmac(string Header, HashAlgorithmName Hash, string Prefix, params IReadOnlyList<string> Secrets)
        : CallbackAuthentication;

    /// <summary><c>Authorization: Bearer</c> and a secret that the vendor was given.</summary>
    /// <param name="Secrets">The secrets.</param>
    public sealed record Bearer(params IReadOnlyList<string> Secrets) : CallbackAuthentication;

    /// <summary>Only the token in the address, for vendors that sign nothing: anybody that has seen the address can answer.</summary>
    public sealed record TokenOnly : CallbackAuthentication;
}
