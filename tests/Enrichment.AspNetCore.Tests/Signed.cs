using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.AspNetCore.Tests;

/// <summary>Requests as a vendor of Standard Webhooks makes them.</summary>
public static class Signed
{
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly byte[] Key = Convert.FromBase64String(Secret["whsec_".Length..]);

    public static HttpRequestMessage Request(Uri address, string body, string? id = null, DateTimeOffset? at = null)
    {
        id ??= $"msg_{Guid.NewGuid():n}";
        var stamp = (at ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes($"{id}.{stamp}.{body}")));
        return new(HttpMethod.Post, address)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "webhook-id", id }, { "webhook-timestamp", stamp }, { "webhook-signature", $"v1,{signature}" } },
        };
    }

    public static string Answer(string answer) => $$"""{"answer":"{{answer}}"}""";
}
