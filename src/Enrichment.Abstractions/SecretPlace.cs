namespace Enrichment;

/// <summary>Where in a setting the secrets are.</summary>
public enum SecretPlace
{
    /// <summary>The whole value is a secret; in a list or a dictionary each value is.</summary>
    Value = 0,

    /// <summary>
    /// In a dictionary of headers: under a name such as <c>Authorization</c>, or one that ends in <c>Key</c>, <c>Token</c> or
    /// <c>Secret</c>.
    /// </summary>
    Headers = 1,

    /// <summary>
    /// In JSON: under a name that means nothing else, such as <c>api_key</c>, <c>access_token</c>, <c>client_secret</c> or <c>password</c>.
    /// </summary>
    Json = 2,

    /// <summary>
    /// In an address, which can hold no secret: a user's password, or a parameter of the query with a name as for <see cref="Json"/>.
    /// </summary>
    Address = 3,
}
