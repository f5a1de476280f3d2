namespace Enrichment.Providers.Http;

/// <summary>Where the credential of a declared step goes.</summary>
public sealed class HttpAuthentication
{
    /// <summary>The kind. Default: none.</summary>
    public HttpAuthenticationKind Kind { get; init; }

    /// <summary>The header, for <see cref="HttpAuthenticationKind.Header"/>. Default: <c>X-Api-Key</c>.</summary>
    public string Header { get; init; } = "X-Api-Key";

    /// <summary>The user, for <see cref="HttpAuthenticationKind.Basic"/>. Default: empty.</summary>
    public string User { get; init; } = "";
}
