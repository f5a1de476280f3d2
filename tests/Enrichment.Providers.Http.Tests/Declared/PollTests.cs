using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>A vendor that is asked until it has the answer, described by settings alone.</summary>
public sealed class PollTests
{
    [Fact]
    public async Task A_job_is_started_asked_for_and_read()
    {
        var polls = 0;
        await using var vendor = new LocalServer(exchange =>
            (exchange.Request.Method, exchange.Request.Target) switch
            {
                ("POST", "/research") => exchange.JsonAsync(202, """{"id":"job/1","status":"queued"}"""),
                ("GET", "/research/job%2F1") when Interlocked.Increment(ref polls) == 1 => exchange.JsonAsync(
                    200,
                    """{"id":"job/1","status":"running"}"""),
                ("GET", "/research/job%2F1") => exchange.JsonAsync(
                    200,
                    """{"id":"job/1","status":"succeeded","output":{"summary":"They make anvils."}}"""),
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
    public async Task The_first_answer_may_be_the_last(string body, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(200, body);

        var outcome = await new AcmeResearchStep(Http()).ExecuteAsync(
            Try.Context(Options(vendor), ("company.domain", "acme.com")),
            default);

        Assert.Equal(kind, outcome.Kind);
    }

    [Theory]
    [InlineData("""{"status":"queued"}""", "The vendor took the call, but its answer has no reference at '/id'. ")]
    [InlineData("""{"id":{}}""", "The vendor took the call, but its answer has no reference at '/id'. ")]
    [InlineData("", "The vendor took the call, but its answer has no reference at '/id'. ")]
    [InlineData("""{"id":""", "The vendor's answer breaks off in the middle of its JSON. ")]
    public async Task A_call_that_was_taken_without_a_reference_is_put_up_for_review_at_once(string body, string reason)
    {
        await using var vendor = Try.Vendor(200, body);

        var outcome = await new AcmeResearchStep(Http()).ExecuteAsync(
            Try.Context(Options(vendor), ("company.domain", "acme.com")),
            default);

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.OutcomeUnknown), (outcome.Kind, outcome.ErrorClass));
        Assert.Equal(
            reason
                + "Its result cannot be fetched. Check with the vendor, then supply the result, or correct poll.reference and retry.",
            outcome.Reason);
    }

    [Theory]
    [InlineData(200, """{"status":"queued"}""")]
    [InlineData(202, "")]
    [InlineData(204, "")]
    public async Task A_job_that_polls_find_by_our_key_needs_no_reference(int status, string body)
    {
        await using var vendor = Try.Vendor(exchange =>
            exchange.Request.Method == "GET" ? exchange.JsonAsync(200, """{"status":"done"}""")
            : status == 204 ? exchange.WriteAsync("HTTP/1.1 204 No Content\r\n\r\n")
            : exchange.JsonAsync(status, body));
        var options = Try.Options<HttpPollOptions>(
            $$"""{ "request": { "url": "{{vendor.Url}}" }, "poll": { "url": "{{vendor.Url}}/{{"{{idempotency_key}}"}}" } }""");
        var step = new AcmeResearchStep(Http());

        var sent = await step.ExecuteAsync(Try.Context(options), default);
        var polled = await step.PollAsync(Try.Sent(options, null), default);

        Assert.Equal((StepOutcomeKind.AwaitingPoll, StepOutcomeKind.Completed), (sent.Kind, polled.Kind));
        Assert.Equal($"/{Try.Key}", vendor.Requests[1].Target);
    }

    [Fact]
    public async Task A_numbered_job_without_a_status_of_its_first_answer_is_polled()
    {
        await using var vendor = Try.Vendor(200, """{"id":17}""");

        var outcome = await new AcmeResearchStep(Http()).ExecuteAsync(
            Try.Context(Options(vendor), ("company.domain", "acme.com")),
            default);

        Assert.Equal((StepOutcomeKind.AwaitingPoll, "17"), (outcome.Kind, outcome.Reference));
    }

    [Theory]
    [InlineData(304, "The vendor answered the poll with 304.")]
    [InlineData(400, "The vendor answered the poll with 400.")]
    [InlineData(401, "The vendor refuses the credential of the poll (401). Check the step's settings and their secret.")]
    [InlineData(402, "The vendor answered the poll with 402.")]
    [InlineData(403, "The vendor refuses the credential of the poll (403). Check the step's settings and their secret.")]
    [InlineData(404, "The vendor answered the poll with 404.")]
    [InlineData(410, "The vendor answered the poll with 410.")]
    [InlineData(429, "The vendor answered the poll with 429.")]
    [InlineData(500, "The vendor answered the poll with 500.")]
    [InlineData(503, "The vendor answered the poll with 503.")]
    public async Task A_poll_that_fails_is_made_again_and_the_work_is_not(int status, string reason)
    {
        await using var vendor = Try.Vendor(
            exchange => exchange.JsonAsync(status, """{"message":"canary"}"""),
            exchange => exchange.JsonAsync(status, "{}", "Retry-After: 90"));
        var step = new AcmeResearchStep(Http());

        var first = await step.PollAsync(Try.Sent(Options(vendor), "1"), default);
        var second = await step.PollAsync(Try.Sent(Options(vendor), "1"), default);

        Assert.Equal((StepOutcomeKind.RateLimited, reason, TimeSpan.FromSeconds(30)), (first.Kind, first.Reason, first.RetryAfter));
        Assert.Equal((StepOutcomeKind.RateLimited, reason, TimeSpan.FromSeconds(90)), (second.Kind, second.Reason, second.RetryAfter));
    }

    [Theory]
    [InlineData("<html>", "The vendor's answer is not JSON but HTML or XML, as of a wrong address or a firewall.")]
    [InlineData("""{"status":""", "The vendor's answer breaks off in the middle of its JSON.")]
    [InlineData("""{"status":"succeeded","output":{"summary":"\ud800"}}""", "the result cannot be written as JSON")]
    public async Task A_poll_whose_answer_cannot_be_read_is_made_again(string body, string reason)
    {
        await using var vendor = Try.Vendor(200, body);

        var outcome = await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default);

        Assert.Equal((StepOutcomeKind.RateLimited, TimeSpan.FromSeconds(30)), (outcome.Kind, outcome.RetryAfter));
        Assert.StartsWith(reason, outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_interval_of_its_own_a_poll_that_fails_leaves_it_to_the_declaration()
    {
        await using var vendor = Try.Vendor(401, "{}");

        var outcome = await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor, """ "reference": "/id" """), "1"), default);

        Assert.Equal((StepOutcomeKind.Unknown, null), (outcome.Kind, outcome.RetryAfter));
    }

    [Fact]
    public async Task A_poll_carries_the_headers_that_need_no_record()
    {
        await using var vendor = Try.Vendor(200, "{}");
        var options = Try.Options<HttpPollOptions>($$$"""
            {
              "request": { "url": "{{{vendor.Url}}}", "headers": { "Acme-Key": "key", "Accept": "application/vnd.acme+json", "Acme-Domain": "{{company.domain}}", "Content-Type": "application/json" } },
              "poll": { "url": "{{{vendor.Url}}}/{{reference}}" }
            }
            """);

        await new AcmeResearchStep(Http()).PollAsync(Try.Sent(options, "1"), default);

        var headers = Assert.Single(vendor.Requests).Headers;
        Assert.Equal(("key", "application/vnd.acme+json"), (headers["Acme-Key"], headers["Accept"]));
        Assert.DoesNotContain("Acme-Domain", headers.Keys);
        Assert.DoesNotContain("Content-Type", headers.Keys);
    }

    [Fact]
    public async Task A_poll_whose_connection_breaks_is_made_again()
    {
        await using var vendor = Try.Vendor(exchange =>
        {
            exchange.Close();
            return Task.CompletedTask;
        });

        Assert.Equal(
            StepOutcomeKind.RateLimited,
            (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default)).Kind);
    }

    [Fact]
    public async Task A_vendor_that_is_away_is_asked_later()
    {
        var options = Try.Options<HttpPollOptions>(
            """{ "request": { "url": "http://127.0.0.1:1/" }, "poll": { "url": "http://127.0.0.1:1/{{reference}}" } }"""
        );

        var outcome = await new AcmeResearchStep(Http()).PollAsync(Try.Sent(options, "1"), default);

        Assert.Equal(
            (StepOutcomeKind.Unknown, "http://127.0.0.1:1 could not be reached: ConnectionRefused."),
            (outcome.Kind, outcome.Reason));
    }

    [Theory]
    [InlineData(202)]
    [InlineData(204)]
    public async Task A_vendor_with_nothing_to_show_yet_is_asked_later(int status)
    {
        await using var vendor = Try.Vendor(exchange =>
            exchange.WriteAsync($"HTTP/1.1 {status} Status\r\n{(status == 204 ? "" : "Content-Length: 0\r\n")}\r\n"));

        Assert.Equal(
            StepOutcomeKind.AwaitingPoll,
            (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default)).Kind);
    }

    [Theory]
    [InlineData(404, StepOutcomeKind.NotFound)]
    [InlineData(410, StepOutcomeKind.Failed)]
    public async Task A_status_that_the_settings_name_is_an_answer(int status, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(status, "{}");

        Assert.Equal(
            kind,
            (
                await new AcmeResearchStep(Http()).PollAsync(
                    Try.Sent(Options(vendor, """ "notFound": [404], "failed": [410] """), "1"),
                    default)).Kind);
    }

    [Theory]
    [InlineData(404, "modal-http: app for invoked web endpoint is stopped")]
    [InlineData(410, "<html>Gone</html>")]
    public async Task Unless_it_comes_from_something_that_stands_before_the_vendor(int status, string body)
    {
        await using var vendor = Try.Vendor(exchange => exchange.RespondAsync(status, body));

        var outcome = await new AcmeResearchStep(Http()).PollAsync(
            Try.Sent(Options(vendor, """ "notFound": [404], "failed": [410] """), "1"),
            default);

        Assert.Equal(
            (
                StepOutcomeKind.Unknown,
                $"The vendor answered the poll with {status}, but not in JSON: a proxy or firewall may have answered."),
            (outcome.Kind, outcome.Reason));
    }

    [Theory]
    [InlineData(202, "{}", StepOutcomeKind.AwaitingPoll)]
    [InlineData(202, "\"\"", StepOutcomeKind.AwaitingPoll)]
    [InlineData(202, "<html>", StepOutcomeKind.AwaitingPoll)]
    [InlineData(200, """{"output":{"summary":"Anvils."}}""", StepOutcomeKind.Completed)]
    public async Task Without_a_status_in_the_answer_that_of_HTTP_says_whether_it_is_there(int status, string body, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(status, body);

        var outcome = await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor, """ "progress": {} """), "1"), default);

        Assert.Equal(kind, outcome.Kind);
    }

    [Fact]
    public async Task A_status_in_the_answer_counts_before_that_of_HTTP()
    {
        await using var vendor = Try.Vendor(202, """{"status":"done","output":{"summary":"Anvils."}}""");

        Assert.Equal(
            StepOutcomeKind.Completed,
            (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), "1"), default)).Kind);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("..")]
    public async Task A_call_whose_reference_is_lost_is_unknown(string? reference)
    {
        await using var vendor = Try.Vendor(200, "{}");

        Assert.Equal(
            StepOutcomeKind.Unknown,
            (await new AcmeResearchStep(Http()).PollAsync(Try.Sent(Options(vendor), reference), default)).Kind);
        Assert.Empty(vendor.Requests);
    }

    [Fact]
    public void Settings_that_contradict_themselves_are_refused_at_launch() => Assert.Equal(
        [
            "poll.url does not begin with a scheme and a host, such as https://api.example.com/. Placeholders may stand in the path and the query only.",
            "poll.reference holds 'id', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.",
            "poll.progress.status holds 'status', which is not a JSON pointer: it must begin with '/', as in '/data/domain'.",
            "poll.url holds {{company.domain}}, but a poll knows {{reference}} and {{idempotency_key}} only.",
            "poll.intervalSeconds is 0: expected more than 0 and at most 86,400.",
        ],
        Try.Problems<HttpPollOptions>(
            """{ "request": { "url": "https://acme.example/" }, "poll": { "url": "https://{{company.domain}}/{{reference}}", "reference": "id", "intervalSeconds": 0, "progress": { "status": "status" } } }""",
            out _));

    private static HttpPollOptions Options(LocalServer vendor, string poll = """ "intervalSeconds": 30 """) =>
        Try.Options<HttpPollOptions>(
            $$"""
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
