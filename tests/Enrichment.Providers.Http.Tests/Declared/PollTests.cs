using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>A vendor that is asked until it has the answer, described by settings alone.</summary>
public sealed class PollTests
{
    [Fact]
    public async Task A_job_is_started_asked_for_and_read()
    {
        var polls = 0;
        await using var vendor = new LocalServer(exchange => (exchange.Request.Method, exchange.Request.Target) switch
        {
            ("POST", "/research") => exchange.JsonAsync(202, """{"id":"job/1","status":"queued"}"""),
            ("GET", "/research/job%2F1") when Interlocked.Increment(ref polls) == 1 => exchange.JsonAsync(200, """{"id":"job/1","status":"running"}"""),
            ("GET", "/research/job%2F1") => exchange.JsonAsync(200, """{"id":"job/1","status":"succeeded","output":{"summary":"They make anvils."}}"""),
            _ => exchange.RespondAsync(400),
        });
        var options = Options(vendor, """ "intervalSeconds": 5 """);
        var step = new AcmeResearchStep(Http());

        var sent = await step.ExecuteAsync(Try.Context(options, ("company.domain", "acme.com")), default);
        var first = await step.PollAsync(Try.Sent(options, sent.Reference), default);
        var second = await step.PollAsync(Try.Sent(options, sent.Reference), default);

        Assert.Equal((StepOutcomeKind.AwaitingPoll, "job/1", TimeSpan.FromSeconds(5)), (sent.Kind, sent.Reference, sent.RetryAfter));
        Assert.Equal((StepOutcomeKind.AwaitingPoll, null, TimeSpan.FromSeconds(5)), (first.Kind, first.Reference, first.RetryAfter));
        Assert.Equal("""{"company.summary":"They make anvils."}""", Try.Result(second));
        Assert.All(vendor.Requests, request => Assert.Equal("Bearer key", request.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("""{"status":"done","output":{"summary":"At once."}}""", StepOutcomeKind.Completed)]
    [InlineData("""{"status":"error"}""", StepOutcomeKind.Failed)]
    [InlineData("""{"status":"queued"}""", StepOutcomeKind.Unknown)]
    [InlineData("""{"id":{}}""", StepOutcomeKind.Unknown)]
    public async Task The_first_answer_may_be_the_last(string body, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(200, body);

        var outcome = await new AcmeResearchStep(Http()).ExecuteAsync(Try.Context(Options(vendor), ("company.domain", "acme.com")), default);

        Assert.Equal(kind, outcome.Kind);
    }

    [Fact]
    public async Task A_numbered_job_without_a_status_of_its_first_answer_is_polled()
    {
        await using var vendor = Try.Vendor(200, """{"id":17}""");

        var outcome = await new AcmeResearchStep(Http()).ExecuteAsync(Try.Context(Options(vendor), ("company.domain", "acme.com")), default);

        Assert.Equal((StepOutcomeKind.AwaitingPoll, "17"), (outcome.Kind, outcome.Reference));
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task A_poll_that_fails_is_made_again_and_the_work_is_not(int status)
    {
        await using var vendor = Try.Vendor(status, "{}", "Retry-After: 90");

        var outcome = await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default);

        Assert.Equal((StepOutcomeKind.AwaitingPoll, TimeSpan.FromSeconds(status is 429 or 503 ? 90 : 30)), (outcome.Kind, outcome.RetryAfter));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("half")]
    public async Task A_poll_that_breaks_off_is_made_again(string kind)
    {
        await using var vendor = Try.Vendor(async exchange =>
        {
            if (kind == "half")
            {
                await exchange.RespondAsync(200, """{"status":""");
            }

            exchange.Close();
        });

        Assert.Equal(StepOutcomeKind.AwaitingPoll, (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default)).Kind);
    }

    [Fact]
    public async Task A_vendor_that_is_away_is_asked_later()
    {
        var options = Try.Options<HttpPollOptions>("""{ "request": { "url": "http://127.0.0.1:1/" }, "poll": { "url": "http://127.0.0.1:1/{{reference}}" } }""");

        Assert.Equal(StepOutcomeKind.AwaitingPoll, (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(options, "1"), default)).Kind);
    }

    [Theory]
    [InlineData(202)]
    [InlineData(204)]
    public async Task A_vendor_with_nothing_to_show_yet_is_asked_later(int status)
    {
        await using var vendor = Try.Vendor(exchange => exchange.WriteAsync($"HTTP/1.1 {status} Status\r\n{(status == 204 ? "" : "Content-Length: 0\r\n")}\r\n"));

        Assert.Equal(StepOutcomeKind.AwaitingPoll, (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default)).Kind);
    }

    [Theory]
    [InlineData(401, StepOutcomeKind.Failed)]
    [InlineData(404, StepOutcomeKind.NotFound)]
    [InlineData(410, StepOutcomeKind.Failed)]
    public async Task A_poll_that_is_refused_is_an_answer(int status, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(status, "{}");

        Assert.Equal(kind, (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default)).Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("..")]
    public async Task A_call_whose_reference_is_lost_is_unknown(string? reference)
    {
        await using var vendor = Try.Vendor(200, "{}");

        Assert.Equal(StepOutcomeKind.Unknown, (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), reference), default)).Kind);
        Assert.Empty(vendor.Requests);
    }

    [Fact]
    public void Settings_that_contradict_themselves_are_refused_at_launch() => Assert.Equal(
        [
            "Poll.Url does not begin with a scheme and a host, such as https://api.example.com/. Placeholders may stand in the path and the query only.",
            "Poll.Reference holds 'id', which is no JSON pointer: it must begin with '/', as in '/data/domain'.",
            "Poll.Progress.Status holds 'status', which is no JSON pointer: it must begin with '/', as in '/data/domain'.",
            "Poll.Url holds {{company.domain}}, but a poll knows {{reference}} and {{idempotency_key}} only.",
            "Poll.IntervalSeconds is 0: expected more than 0 and at most 86,400.",
        ],
        Try.Problems<HttpPollOptions>(
            """{ "request": { "url": "https://acme.example/" }, "poll": { "url": "https://{{company.domain}}/{{reference}}", "reference": "id", "intervalSeconds": 0, "progress": { "status": "status" } } }""",
            out _));

    private static HttpPollOptions Options(LocalServer vendor, string poll = """ "intervalSeconds": 30 """) => Try.Options<HttpPollOptions>($$"""
        {
          "request": { "url": "{{vendor.Url}}/research", "body": { "domain": "{{"{{company.domain}}"}}" } },
          "authentication": { "kind": "bearer" },
          "credential": "key",
          "poll": { "url": "{{vendor.Url}}/research/{{"{{reference}}"}}", {{poll}} },
          "answer": { "fields": { "company.summary": "/output/summary" } }
        }
        """);

    private static OutboundHttp Http() => new(Try.Local);
}
