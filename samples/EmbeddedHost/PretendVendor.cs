using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EmbeddedHost;

/// <summary>
/// Plays a paid vendor, so that the sample needs nothing else: it accepts a request, and delivers a signed answer to the address in the
/// request.
/// </summary>
internal static class PretendVendor
{
    public static void MapPretendVendor(this WebApplication app, string secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        app.MapPost("/pretend-vendor/titles", (Question question, IHttpClientFactory http, ILogger<Program> log, TimeProvider time) =>
        {
            _ = Task.Run(async () =>
            {
                try
                {
                    using var delivery = Signed(question, key, time);
                    using var answered = await http.CreateClient().SendAsync(delivery);
                    answered.EnsureSuccessStatusCode();
                }
                catch (HttpRequestException exception)
                {
                    log.LogWarning(exception, "The pretend vendor could not deliver");
                }
            });
            return Results.Accepted();
        });
    }

    private static HttpRequestMessage Signed(Question question, byte[] key, TimeProvider time)
    {
        var body = JsonSerializer.Serialize(
            new Dictionary<string, string> { ["person.title"] = question.Language == "de" ? "Leiterin Einkauf" : "Head of Purchasing" });
        var stamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{question.Key}.{stamp}.{body}")));
        return new(HttpMethod.Post, question.Callback)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "webhook-id", question.Key }, { "webhook-timestamp", stamp }, { "webhook-signature", $"v1,{signature}" } },
        };
    }

    internal sealed record Question(string Email, string Language, Uri Callback, string Key);
}
