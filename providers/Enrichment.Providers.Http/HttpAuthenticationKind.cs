namespace Enrichment.Providers.Http;

/// <summary>How a call authenticates itself.</summary>
public enum HttpAuthenticationKind
{
    /// <summary>Not at all, or by headers of the request's own.</summary>
    None = 0,

    /// <summary><c>Authorization: Bearer</c> and the credential.</summary>
    Bearer = 1,

    /// <summary><c>Authorization: Basic</c>, of <see cref="HttpAuthentication.User"/> and the credential.</summary>
    Basic = 2,

    /// <summary>
    /// The credential alone, as a parameter of the query that <see cref="HttpAuthentication.Parameter"/> names, for vendors that take it
    /// nowhere else.
    /// </summary>
    Query = 4,

    /// <summary>The credential alone, in the header that <see cref="HttpAuthentication.Header"/> names.</summary>
    Header = 3,
}
