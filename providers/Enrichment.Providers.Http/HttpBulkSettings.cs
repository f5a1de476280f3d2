using System.Text.Json;

namespace Enrichment.Providers.Http;

/// <summary>How a declared bulk step packs items into one request, and finds each one's answer.</summary>
public sealed class HttpBulkSettings
{
    /// <summary>
    /// The part of the request for one item, as JSON with placeholders. The request's body holds <c>{{items}}</c> where the array of them
    /// goes.
    /// </summary>
    [Secret(SecretPlace.Json)]
    public required JsonElement Item { get; init; }

    /// <summary>The place of the answers, as a JSON pointer to an array. Default: the whole answer is the array.</summary>
    public string Answers { get; init; } = "";

    /// <summary>Where, in one of the answers, the vendor repeats by what it knows the item. Default: <c>/id</c>.</summary>
    public string Key { get; init; } = "/id";

    /// <summary>What that is for an item. Default: <c>{{idempotency_key}}</c>. Items of the same key share an answer.</summary>
    public string Match { get; init; } = "{{idempotency_key}}";
}
