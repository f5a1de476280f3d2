using Enrichment.Testing;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <content>What a vendor's answer means.</content>
public sealed partial class CallTests
{
    [Fact]
    public async Task Without_a_mapping_the_whole_answer_is_kept()
    {
        await using var vendor = Try.Vendor(200, """{"data":{"size":42},"more":[1]}""");

        var outcome = await RunAsync(new AcmeWholeStep(Http()), Get(vendor.Url));

        Assert.Equal("""{"data":{"size":42},"more":[1]}""", Try.Result(outcome));
    }

    [Theory]
    [InlineData("""{"data":null}""", StepOutcomeKind.NotFound)]
    [InlineData("""{}""", StepOutcomeKind.NotFound)]
    [InlineData("""{"data":{"credits":0.25}}""", StepOutcomeKind.Completed)]
    public async Task An_answer_that_holds_nothing_is_not_found(string answer, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(200, answer);
        var options = Try.Options<HttpCallOptions>(
            $$"""{ "request": { "url": "{{vendor.Url}}" }, "answer": { "found": "/data", "cost": "/data/credits" } }""");

        var outcome = await RunAsync(new AcmeWholeStep(Http()), options);

        Assert.Equal((kind, kind == StepOutcomeKind.Completed ? 0.25m : null), (outcome.Kind, outcome.Cost));
    }

    [Theory]
    [InlineData(204, StepOutcomeKind.NotFound, null)]
    [InlineData(304, StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData(400, StepOutcomeKind.Failed, ErrorClass.Permanent)]
    [InlineData(401, StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData(402, StepOutcomeKind.RateLimited, ErrorClass.OutOfCredits)]
    [InlineData(403, StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData(404, StepOutcomeKind.NotFound, null)]
    [InlineData(408, StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    [InlineData(422, StepOutcomeKind.Failed, ErrorClass.Permanent)]
    [InlineData(429, StepOutcomeKind.RateLimited, ErrorClass.RateLimited)]
    [InlineData(500, StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    [InlineData(502, StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    [InlineData(503, StepOutcomeKind.Retry, ErrorClass.Transient)]
    [InlineData(504, StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    [InlineData(521, StepOutcomeKind.Retry, ErrorClass.Transient)]
    [InlineData(524, StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    public async Task A_status_has_one_meaning(int status, StepOutcomeKind kind, ErrorClass? error)
    {
        await using var vendor = Try.Vendor(status, """{"message":"canary"}""");

        var outcome = await RunAsync(new AcmeWholeStep(Http()), Get(vendor.Url));

        Assert.Equal((kind, error), (outcome.Kind, outcome.ErrorClass));
        Assert.DoesNotContain("canary", outcome.Reason, StringComparison.Ordinal);
        Assert.Single(vendor.Requests);
    }

    [Fact]
    public async Task A_vendor_may_mean_something_else()
    {
        await using var vendor = Try.Vendor(
            exchange => exchange.JsonAsync(420, "{}"),
            exchange => exchange.JsonAsync(404, "{}"),
            exchange => exchange.JsonAsync(500, "{}"));
        var options = Try.Options<HttpCallOptions>(
            $$"""{ "request": { "url": "{{vendor.Url}}" }, "errors": { "quota": [420], "notFound": [], "retry": [500] } }""");

        var quota = await RunAsync(new AcmeWholeStep(Http()), options);

        Assert.Equal(
            "The vendor answered 420: the account is used up. Buy more; until then one call is made every 15 minutes.",
            quota.Reason);
        Assert.Equal(StepOutcomeKind.Failed, (await RunAsync(new AcmeWholeStep(Http()), options)).Kind);
        Assert.Equal(StepOutcomeKind.Retry, (await RunAsync(new AcmeWholeStep(Http()), options)).Kind);
    }

    [Theory]
    [InlineData(429, "30", 30.0)]
    [InlineData(503, "30", 30.0)]
    [InlineData(429, "3601", 3600.0)]
    [InlineData(429, "1000000000", 3600.0)]
    [InlineData(429, "99999999999999999999999999", 3600.0)]
    [InlineData(429, "Thu, 01 Jan 2026 00:02:00 GMT", 120.0)]
    [InlineData(429, "Thursday, 01-Jan-26 00:02:00 GMT", 120.0)]
    [InlineData(429, "Thu Jan  1 00:02:00 2026", 120.0)]
    [InlineData(429, "Sun Jan 18 00:02:00 2026", 3600.0)]
    [InlineData(429, "Friday, 01-Jan-16 00:02:00 GMT", null)]
    [InlineData(429, "Fri, 01 Jan 2077 00:02:00 GMT", 3600.0)]
    [InlineData(429, "Thu, 01 Jan 2015 00:02:00 GMT", null)]
    [InlineData(429, "-5", null)]
    [InlineData(429, "0", null)]
    [InlineData(429, "soon", null)]
    [InlineData(429, "", null)]
    public async Task A_wish_to_wait_is_obeyed_within_an_hour(int status, string header, double? seconds)
    {
        await using var vendor = Try.Vendor(status, "{}", $"Retry-After: {header}");

        var options = Get(vendor.Url);
        var outcome = await new AcmeWholeStep(Http()).ExecuteAsync(Try.Context(options, Try.Key, new FakeClock()), default);

        Assert.Equal((StepOutcomeKind.RateLimited, seconds), (outcome.Kind, outcome.RetryAfter?.TotalSeconds));
    }

    [Theory]
    [InlineData(
        "<!DOCTYPE html><html>",
        StepOutcomeKind.Failed,
        "The vendor's answer is not JSON but HTML or XML, as of a wrong address or a firewall.")]
    [InlineData("", StepOutcomeKind.Failed, "The vendor's answer is not JSON but empty.")]
    [InlineData("Service is up", StepOutcomeKind.Failed, "The vendor's answer is not JSON but something else.")]
    [InlineData("{\"a\":1}}", StepOutcomeKind.Failed, "The vendor's answer is not JSON but something else.")]
    [InlineData("{\"a\":", StepOutcomeKind.Unknown, "The vendor's answer breaks off in the middle of its JSON.")]
    [InlineData("{\"a\":\"b", StepOutcomeKind.Unknown, "The vendor's answer breaks off in the middle of its JSON.")]
    [InlineData("[{\"a\":tr", StepOutcomeKind.Unknown, "The vendor's answer breaks off in the middle of its JSON.")]
    public async Task A_body_that_is_no_JSON_says_what_it_is(string body, StepOutcomeKind kind, string reason)
    {
        await using var vendor = Try.Vendor(exchange => exchange.RespondAsync(200, body, "Content-Type: text/html"));

        var outcome = await RunAsync(new AcmeWholeStep(Http()), Get(vendor.Url));

        Assert.Equal((kind, reason), (outcome.Kind, outcome.Reason));
        Assert.True(kind == StepOutcomeKind.Unknown || outcome.ErrorClass == ErrorClass.InvalidOutput);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_harm()
    {
        await using var vendor = Try.Vendor(exchange => exchange.RespondAsync(200, [0xEF, 0xBB, 0xBF, .. "{}"u8]));

        Assert.Equal("{}", Try.Result(await RunAsync(new AcmeWholeStep(Http()), Get(vendor.Url))));
    }

    [Fact]
    public async Task A_body_that_the_connection_cuts_is_unknown()
    {
        await using var vendor = Try.Vendor(async exchange =>
        {
            await exchange.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":");
            exchange.Close();
        });

        Assert.Equal(StepOutcomeKind.Unknown, (await RunAsync(new AcmeWholeStep(Http()), Get(vendor.Url))).Kind);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_no_output()
    {
        await using var vendor = Try.Vendor(200, $$"""{"text":"{{new string('x', 5000)}}"}""");
        using var http = new OutboundHttp(Try.Local with { MaxBodyBytes = 4000 });

        var outcome = await RunAsync(new AcmeWholeStep(http), Get(vendor.Url));

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.InvalidOutput), (outcome.Kind, outcome.ErrorClass));
    }
}
