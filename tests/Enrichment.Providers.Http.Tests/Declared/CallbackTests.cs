using System.Security.Cryptography;
using System.Text;
using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>A vendor that delivers later, described by settings alone.</summary>
public sealed class CallbackTests
{
    private const string Request = """
        "request": { "url": "{url}/jobs", "body": { "profile": "{{person.linkedin_url}}", "webhook": { "url": "{{callback_url}}", "token": "{{callback_token}}" } } }
        """;

    [Fact]
    public async Task The_vendor_is_told_where_to_deliver()
    {
        await using var vendor = Try.Vendor(202, """{"id":12345}""");
        var options = Options(vendor, """ "callback": { "reference": "/id" } """);

        var outcome = await RunAsync(options);

        Assert.Equal((StepOutcomeKind.AwaitingCallback, "12345"), (outcome.Kind, outcome.Reference));
        Assert.Equal(
            """{"profile":"in/jane","webhook":{"url":"https://leads.example.com/callbacks/token","token":"token"}}""",
            vendor.Requests[0].Body);
    }

    [Theory]
    [InlineData("")]
    [InlineData("accepted")]
    [InlineData("<html>")]
    [InlineData("""{"id":null}""")]
    public async Task The_vendors_body_on_taking_the_call_does_not_matter(string body)
    {
        await using var vendor = Try.Vendor(exchange => exchange.RespondAsync(202, body));

        var outcome = await RunAsync(Options(vendor, """ "callback": { "reference": "/id" } """));

        Assert.Equal((StepOutcomeKind.AwaitingCallback, (string?)null), (outcome.Kind, outcome.Reference));
    }

    [Fact]
    public async Task A_call_that_is_taken_without_a_word_is_taken()
    {
        await using var vendor = Try.Vendor(exchange => exchange.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"));

        Assert.Equal(StepOutcomeKind.AwaitingCallback, (await RunAsync(Options(vendor, """ "callback": {} """))).Kind);
    }

    [Fact]
    public async Task A_host_that_the_world_does_not_reach_sends_nothing()
    {
        await using var vendor = Try.Vendor(202, "{}");
        var options = Options(vendor, """ "callback": {} """);
        var context = new StepContext(Try.Context(options, ("person.linkedin_url", "in/jane")).Record, options) { CallbackToken = "token" };

        var outcome = await new AcmePersonStep(Http()).ExecuteAsync(context, default);

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.Configuration), (outcome.Kind, outcome.ErrorClass));
        Assert.StartsWith("The host has no public address for callbacks", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(vendor.Requests);
    }

    [Theory]
    [InlineData(503, StepOutcomeKind.Retry)]
    [InlineData(504, StepOutcomeKind.Unknown)]
    [InlineData(402, StepOutcomeKind.RateLimited)]
    public async Task A_vendor_that_does_not_take_the_call_says_why(int status, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(status, "{}");

        Assert.Equal(kind, (await RunAsync(Options(vendor, """ "callback": {} """))).Kind);
    }

    [Theory]
    [InlineData("""{"status":"Completed","person":{"email":"jane@acme.com"}}""", StepOutcomeKind.Completed)]
    [InlineData("""{"status":"completed","person":null}""", StepOutcomeKind.NotFound)]
    [InlineData("""{"status":"running"}""", StepOutcomeKind.AwaitingCallback)]
    [InlineData("""{}""", StepOutcomeKind.AwaitingCallback)]
    [InlineData("""{"status":"failed"}""", StepOutcomeKind.Failed)]
    public async Task A_delivery_is_read_as_the_settings_say(string body, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(202, "{}");
        var options = Options(
            vendor,
            """ "callback": { "progress": { "status": "/status" } }, "answer": { "found": "/person", "fields": { "person.email": "/person/email" } } """);

        var outcome = new AcmePersonStep(Http()).Receive(Try.Sent(options, null), Delivery(body));

        Assert.Equal(kind, outcome.Kind);
        Assert.Equal(
            kind == StepOutcomeKind.Completed ? """{"person.email":"jane@acme.com"}"""
                : kind == StepOutcomeKind.NotFound ? "{}"
                : "",
            Try.Result(outcome));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("{\"email\":")]
    [InlineData("[]")]
    [InlineData("\"ok\"")]
    public async Task A_delivery_that_cannot_be_read_answers_nothing(string body)
    {
        await using var vendor = Try.Vendor(202, "{}");

        Assert.Throws<StepFaultException>(() =>
            new AcmePersonStep(Http()).Receive(Try.Sent(Options(vendor, """ "callback": {} """), null), Delivery(body)));
    }

    [Theory]
    [InlineData(""" "found": "/person" """, StepOutcomeKind.NotFound, "{}")]
    [InlineData(""" "fields": { "person.email": "/person/email" } """, StepOutcomeKind.Completed, """{"person.email":null}""")]
    public async Task Without_progress_every_delivery_that_can_be_read_is_the_final_one(string answer, StepOutcomeKind kind, string result)
    {
        await using var vendor = Try.Vendor(202, "{}");

        var outcome = new AcmePersonStep(Http()).Receive(
            Try.Sent(Options(vendor, $$""" "answer": { {{answer}} } """), null),
            Delivery("""{"event":"ping"}"""));

        Assert.Equal((kind, result), (outcome.Kind, Try.Result(outcome)));
    }

    [Fact]
    public async Task Deliveries_prove_themselves_as_the_settings_say()
    {
        await using var vendor = Try.Vendor(202, "{}");
        var step = new AcmePersonStep(Http());

        Assert.IsType<CallbackAuthentication.TokenOnly>(step.Authentication(Options(vendor, """ "callback": {} """)));
        Assert.Equal(
            ["new", "old"],
            Assert
                .IsType<CallbackAuthentication.Bearer>(
                    step.Authentication(
                        Options(
                            vendor,
                            """ "callback": { "signature": "bearer" }, "callbackSecret": "new", "formerCallbackSecret": "old" """)))
                .Secrets);
        Assert.Equal(
            ["new"],
            Assert
                .IsType<CallbackAuthentication.StandardWebhooks>(
                    step.Authentication(Options(vendor, """ "callback": { "signature": "standardWebhooks" }, "callbackSecret": "new" """)))
                .Secrets);
        var hmac = Assert.IsType<CallbackAuthentication.Hmac>(
            step.Authentication(
                Options(
                    vendor,
                    """ "callback": { "signature": "hmac", "header": "X-Hub-Signature-256", "prefix": "sha256=" }, "callbackSecret": "new" """)));
        Assert.Equal(
            ("X-Hub-Signature-256", HashAlgorithmName.SHA256, "sha256=", "new"),
            (hmac.Header, hmac.Hash, hmac.Prefix, hmac.Secrets[0]));
    }

    [Theory]
    [InlineData("""{"token":"abc"}""", "abc")]
    [InlineData("""{"token":null}""", null)]
    [InlineData("""<html>""", null)]
    public void The_token_is_found_where_the_class_says(string body, string? token) =>
        Assert.Equal(token, new AcmePersonStep(Http()).TokenOf(Delivery(body)));

    [Theory]
    [InlineData(
        """ "callback": { "signature": "hmac" } """,
        "callback.signature is Hmac, but there is no callbackSecret. Set it to \"secret:NAME\".")]
    [InlineData(
        """ "callbackSecret": "x" """,
        "there is a callbackSecret, but callback.signature does not say what it signs. Set it to StandardWebhooks, Hmac or Bearer.")]
    [InlineData(""" "callback": { "hash": "MD5" } """, "callback.hash is 'MD5': expected SHA1, SHA256, SHA384, SHA512.")]
    [InlineData(
        """ "callback": { "reference": "id" } """,
        "callback.reference holds 'id', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.")]
    public void Settings_that_contradict_themselves_are_refused_at_launch(string settings, string problem) =>
        Assert.Equal(
            [problem],
            Try.Problems<HttpCallbackOptions>($$"""{ "request": { "url": "https://acme.example/" }, {{settings}} }""", out _)
        );

    private static HttpCallbackOptions Options(LocalServer vendor, string settings) =>
        Try.Options<HttpCallbackOptions>($"{{ {Request.Replace("{url}", vendor.Url, StringComparison.Ordinal)}, {settings} }}");

    private static CallbackDelivery Delivery(string body) =>
        new(new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body), DateTimeOffset.UnixEpoch);

    private static Task<StepOutcome> RunAsync(HttpCallbackOptions options) =>
        new AcmePersonStep(Http()).ExecuteAsync(Try.Context(options, ("person.linkedin_url", "in/jane")), default).AsTask();

    private static OutboundHttp Http() => new(Try.Local);
}
