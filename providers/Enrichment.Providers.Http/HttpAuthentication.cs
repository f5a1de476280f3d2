namespace Enrichment.Providers.Http;

/// <summary>Where the credential of a declared step goes.</summary>
public sealed class HttpAuthentication
{
    /// <summary>The kind. Default: none.</summary>
    public HttpAuthenticationKind Kind { get; init; }

    /// <summary>The header, for <see cref="HttpAuthenticationKind.Header"/>. Default: <c>X-Api-Key</c>.</summary>
    public string Header { get; init; } = "X-Api-Key";

    /// <summary>The parameter, for <see cref="HttpAuthenticationKind.Query"/>. Default: <c>api_key</c>.</summary>
    public string Parameter { get; init; } = "api_key";

    /// <summary>The user, for <see cref="HttpAuthenticationKind.Basic"/>. Default: empty.</summary>
    public string User { get; init; } = "";
}
