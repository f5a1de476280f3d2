using System.Text.Json;

namespace Enrichment.Providers.Http;

/// <summary>
/// The request of a declared step. Its texts may hold placeholders: <c>{{company.domain}}</c> a field, <c>{{column:Company Website}}</c> an
/// uploaded cell, <c>{{idempotency_key}}</c>; where the step has them <c>{{callback_url}}</c>, <c>{{callback_token}}</c>,
/// <c>{{reference}}</c> and <c>{{items}}</c>.
/// </summary>
/// <remarks>
/// An item that has no value for a placeholder is skipped, unless the name ends in a question mark: <c>{{person.email?}}</c>.
/// </remarks>
public sealed class HttpRequestSettings
{
    /// <summary>The method. Default: POST.</summary>
    [Fixed]
    public string Method { get; init; } = "POST";

    /// <summary>
    /// The address, its placeholders percent-encoded. Scheme and host contain no placeholder: no record decides where a call goes.
    /// </summary>
    [Fixed]
    [Secret(SecretPlace.Address)]
    public required string Url { get; init; }

    /// <summary>
    /// Headers by name. A value may be <c>secret:NAME</c>, and has to be under a name such as <c>Authorization</c>, or one that ends in
    /// <c>Key</c>, <c>Token</c> or <c>Secret</c>.
    /// </summary>
    [Secret(SecretPlace.Headers)]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The body, as JSON. A text that is a placeholder and nothing else becomes the value itself, so that a number stays one. An
    /// optional placeholder without a value becomes null.
    /// </summary>
    [Secret(SecretPlace.Json)]
    public JsonElement? Body { get; init; }

    /// <summary>The header that carries the idempotency key; empty for a vendor that wants none. Default: <c>Idempotency-Key</c>.</summary>
    public string IdempotencyHeader { get; init; } = "Idempotency-Key";
}
