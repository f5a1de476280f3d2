namespace Enrichment.Providers.Http;

/// <summary>How deliveries prove that they are the vendor's; see <see cref="CallbackAuthentication"/>.</summary>
public enum HttpSignature
{
    /// <summary>By the token in the address alone.</summary>
    Token = 0,

    /// <summary>By Standard Webhooks.</summary>
    StandardWebhooks = 1,

    /// <summary>By an HMAC of the body in a header.</summary>
    Hmac = 2,

    /// <summary>By <c>Authorization: Bearer</c>.</summary>
    Bearer = 3,
}
