using System.Security.Cryptography;
using System.Text;
using Enrichment.Callbacks;
using static Enrichment.CallbackAuthentication;

namespace Enrichment.Tests.Callbacks;

public class DeliveryCheckTests
{
    // The example of the Svix documentation on verifying by hand, which Standard Webhooks took over.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Stamp = "1614265330";
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_614_265_330);

    [Fact]
    public void The_published_example_of_Standard_Webhooks_is_genuine()
    {
        Assert.Null(DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(), out var message));
        Assert.Equal(Id, message);
    }

    [Fact]
    public void While_a_secret_is_rotated_either_will_do_and_any_of_several_signatures()
    {
        const string Older = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx";
        Assert.Null(DeliveryCheck.Problem(new StandardWebhooks(Older, Secret), Standard(), out _));
        Assert.Null(
            DeliveryCheck.Problem(new StandardWebhooks(Secret[6..]), Standard(signature: $"v1,AAAA v2,whatever {Signature}"), out _));
        Assert.NotNull(DeliveryCheck.Problem(new StandardWebhooks(Older), Standard(), out _));
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void A_time_stamp_is_tolerated_for_five_minutes_both_ways(int seconds, bool genuine) =>
        Assert.Equal(genuine, DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(at: Then.AddSeconds(seconds)), out _) is null);

    [Fact]
    public void Each_bit_of_what_is_signed_counts()
    {
        foreach (var text in Flipped(Body))
        {
            Assert.NotNull(DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(body: text), out _));
        }

        foreach (var text in Flipped(Id))
        {
            Assert.NotNull(DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(id: text), out _));
        }

        foreach (var text in Flipped(Signature[3..46]))
        {
            Assert.NotNull(DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(signature: $"v1,{text}="), out _));
        }

        foreach (
            var stamp in (string[])["1614265331", "01614265330", "-1614265330", "1614265330.0", " 1614265330", "", "99999999999999999999"])
        {
            Assert.NotNull(DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(stamp: stamp), out _));
        }
    }

    [Theory]
    [InlineData("msg.1", Stamp)]
    [InlineData(".", Stamp)]
    [InlineData(Id, "0" + Stamp)]
    [InlineData(Id, "000" + Stamp)]
    public void Text_that_could_be_cut_otherwise_is_refused_though_its_signature_is_right(string id, string stamp)
    {
        var signature = Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(Secret[6..]), Encoding.UTF8.GetBytes($"{id}.{stamp}.{Body}")));

        Assert.Equal(
            "webhook-id or webhook-timestamp is not valid",
            DeliveryCheck.Problem(new StandardWebhooks(Secret), Standard(id, stamp, $"v1,{signature}"), out _));
    }

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    public void Without_one_of_its_headers_nothing_is_genuine(string header)
    {
        var delivery = Standard();
        var headers = delivery.Headers.Where(pair => pair.Key != header).ToDictionary();
        Assert.NotNull(DeliveryCheck.Problem(new StandardWebhooks(Secret), delivery with { Headers = headers }, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("whsec_AAAA")]
    [InlineData("no base64!")]
    public void A_secret_that_is_none_is_an_error_and_lets_nothing_in(string secret) =>
        Assert.Throws<EnrichmentException>(() => DeliveryCheck.Problem(new StandardWebhooks(secret), Standard(), out _));

    [Fact]
    public void No_secret_at_all_is_an_error_and_lets_nothing_in()
    {
        Assert.Throws<EnrichmentException>(() => DeliveryCheck.Problem(new StandardWebhooks(), Standard(), out _));
        Assert.Throws<EnrichmentException>(() => DeliveryCheck.Problem(new Bearer(""), With("authorization", "Bearer "), out _));
        Assert.Throws<EnrichmentException>(() =>
            DeliveryCheck.Problem(new Hmac("x-signature", HashAlgorithmName.SHA256, ""), With("x-signature", "00"), out _));
    }

    [Theory]
    [InlineData("SHA1")]
    [InlineData("SHA256")]
    [InlineData("SHA512")]
    public void An_hmac_is_read_as_hexadecimal_and_as_base64_behind_its_prefix(string hash)
    {
        var scheme = new Hmac("X-Signature", new(hash), "sha=", "older", "key");
        var hmac = CryptographicOperations.HmacData(new(hash), "key"u8.ToArray(), Encoding.UTF8.GetBytes(Body));

        Assert.Null(DeliveryCheck.Problem(scheme, With("x-signature", "sha=" + Convert.ToHexString(hmac)), out var message));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Body))), message);
        Assert.Null(DeliveryCheck.Problem(scheme, With("x-signature", "SHA=" + Convert.ToBase64String(hmac)), out _));
        Assert.NotNull(DeliveryCheck.Problem(scheme, With("x-signature", Convert.ToHexString(hmac)), out _));
        Assert.NotNull(DeliveryCheck.Problem(scheme, With("x-signature", "sha=" + Convert.ToHexString(hmac)[2..]), out _));
        Assert.NotNull(DeliveryCheck.Problem(scheme, With("x-signature", "sha="), out _));
        Assert.NotNull(DeliveryCheck.Problem(scheme, With("x-other", "sha=" + Convert.ToHexString(hmac)), out _));
        Assert.NotNull(
            DeliveryCheck.Problem(
                scheme,
                With("x-signature", "sha=" + Convert.ToHexString(hmac)) with
                {
                    Body = "other"u8.ToArray(),
                },
                out _));
    }

    [Fact]
    public void A_bearer_secret_is_compared_whole()
    {
        var scheme = new Bearer("old", "secret");

        Assert.Null(DeliveryCheck.Problem(scheme, With("authorization", "bearer secret"), out _));
        foreach (var header in (string[])["Bearer secre", "Bearer secrets", "Bearer", "Basic secret", "secret"])
        {
            Assert.NotNull(DeliveryCheck.Problem(scheme, With("authorization", header), out _));
        }
    }

    [Fact]
    public void Where_the_token_alone_counts_there_is_nothing_to_check() =>
        Assert.Null(DeliveryCheck.Problem(new TokenOnly(), With("x", "y"), out _));

    private static CallbackDelivery Standard(
        string id = Id,
        string stamp = Stamp,
        string signature = Signature,
        string body = Body,
        DateTimeOffset? at = null) =>
        new(
            new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["Webhook-Id"] = id,
                ["Webhook-Timestamp"] = stamp,
                ["Webhook-Signature"] = signature,
            },
            Encoding.Latin1.GetBytes(body),
            at ?? Then);

    private static CallbackDelivery With(string header, string value) =>
        new(new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [header] = value }, Encoding.UTF8.GetBytes(Body), Then);

    private static IEnumerable<string> Flipped(string text) =>
        from place in Enumerable.Range(0, text.Length)
        from bit in Enumerable.Range(0, 7)
        select string.Concat(text.AsSpan(0, place), $"{(char)(text[place] ^ (1 << bit))}", text.AsSpan(place + 1));
}
