using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Callbacks;

/// <summary>
/// Whether a delivery is the vendor's. Over the bytes as they came, and in a time that does not tell how much of a signature was right.
/// </summary>
internal static class DeliveryCheck
{
    // Standard Webhooks 1.0.0: both ways.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Why a delivery is refused; null if it is genuine. The text holds no secret and nothing of the delivery.</summary>
    /// <param name="scheme">How deliveries of the step prove themselves.</param>
    /// <param name="delivery">The delivery.</param>
    /// <param name="message">Identifies a repetition: the vendor's id, where the scheme signs one, else the body's hash.</param>
    public static string? Problem(CallbackAuthentication scheme, CallbackDelivery delivery, out string message)
    {
        if (scheme is CallbackAuthentication.StandardWebhooks standard)
        {
            return Problem(standard, delivery, out message);
        }

        message = Convert.ToHexStringLower(SHA256.HashData(delivery.Body.Span));
        return scheme switch
        {
            CallbackAuthentication.Hmac hmac => Problem(hmac, delivery),
            CallbackAuthentication.Bearer bearer => Problem(bearer, delivery),
            CallbackAuthentication.TokenOnly => null,
            _ => throw new InvalidOperationException($"There is no check for {scheme.GetType()}."),
        };
    }

    private static string? Problem(CallbackAuthentication.StandardWebhooks scheme, CallbackDelivery delivery, out string message)
    {
        message = "";
        if (!delivery.Headers.TryGetValue("webhook-id", out var id)
            || !delivery.Headers.TryGetValue("webhook-timestamp", out var stamp)
            || !delivery.Headers.TryGetValue("webhook-signature", out var signatures))
        {
            return "webhook-id, webhook-timestamp or webhook-signature is missing";
        }

        // The signed parts are joined by full stops: with a full stop in the id, or zeros before the time, one signature would serve
        // several deliveries.
        if (id.Length is 0 or > 200 || id.Contains('.', StringComparison.Ordinal) || stamp.StartsWith('0')
            || !long.TryParse(stamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 253_402_300_799)
        {
            return "webhook-id or webhook-timestamp is not valid";
        }

        if ((delivery.ReceivedAt - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance)
        {
            return "webhook-timestamp differs from the host's clock by more than five minutes";
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{stamp}."), .. delivery.Body.Span];
        // A version and its signature by turns, also where several headers were joined by commas.
        var words = signatures.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        var genuine = false;
        foreach (var secret in Required(scheme.Secrets))
        {
            var expected = HMACSHA256.HashData(KeyOf(secret), signed);
            for (var i = 1; i < words.Length; i++)
            {
                genuine |= words[i - 1] == "v1" & IsBase64(words[i], expected);
            }
        }

        message = id;
        return genuine ? null : "no signature is right";
    }

    private static string? Problem(CallbackAuthentication.Hmac scheme, CallbackDelivery delivery)
    {
        if (!delivery.Headers.TryGetValue(scheme.Header, out var header)
            || !header.StartsWith(scheme.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return $"the header {scheme.Header} is missing or does not begin with its prefix";
        }

        var signature = header[scheme.Prefix.Length..].Trim();
        var genuine = false;
        foreach (var secret in Required(scheme.Secrets))
        {
            var expected = CryptographicOperations.HmacData(scheme.Hash, Encoding.UTF8.GetBytes(secret), delivery.Body.Span);
            genuine |= IsHexadecimal(signature, expected) | IsBase64(signature, expected);
        }

        return genuine ? null : "the signature is wrong";
    }

    private static string? Problem(CallbackAuthentication.Bearer scheme, CallbackDelivery delivery)
    {
        const string Bearer = "Bearer ";
        if (
            !delivery.Headers.TryGetValue("Authorization", out var header) || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return "Authorization: Bearer is missing";
        }

        // Hashed, so that the comparison takes the same time for all lengths.
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(header[Bearer.Length..].Trim()));
        var genuine = false;
        foreach (var secret in Required(scheme.Secrets))
        {
            genuine |= CryptographicOperations.FixedTimeEquals(given, SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        }

        return genuine ? null : "the bearer secret is wrong";
    }

    // Compared as text, because several texts of Base64 can mean the same bytes, and only one of them is what the vendor wrote.
    private static bool IsBase64(string text, byte[] expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(text), Encoding.ASCII.GetBytes(Convert.ToBase64String(expected)));

    private static bool IsHexadecimal(string text, byte[] expected) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(text.ToLowerInvariant()),
            Encoding.ASCII.GetBytes(Convert.ToHexStringLower(expected)));

    /// <exception cref="EnrichmentException">
    /// The step has no secret: then nothing is genuine, and the operator has to hear of it.
    /// </exception>
    private static IReadOnlyList<string> Required(IReadOnlyList<string> secrets) =>
        secrets.Count > 0 && !secrets.Any(string.IsNullOrEmpty)
            ? secrets
            : throw new EnrichmentException(
                "The step checks the signature of deliveries, but a secret for it is missing or empty. Set it in the step's options.");

    /// <exception cref="EnrichmentException">The secret is not one.</exception>
    private static byte[] KeyOf(string secret)
    {
        const string Prefix = "whsec_";
        var key = new byte[64];
        return
            Convert.TryFromBase64String(
                secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret,
                key,
                out var length)
            && length >= 24
            ? key[..length]
            : throw new EnrichmentException(
                "The secret for signatures of Standard Webhooks cannot be used: expected Base64 of 24 to 64 bytes, with or without whsec_ before it. Correct the secret in the step's options.");
    }
}
