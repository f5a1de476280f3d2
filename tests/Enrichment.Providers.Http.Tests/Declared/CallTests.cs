using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>A vendor that answers at once, described by settings alone.</summary>
public sealed partial class CallTests
{
    [Fact]
    public async Task A_request_is_what_the_settings_say()
    {
        await using var vendor = Try.Vendor(200, """{"data":{"size":42,"industry":null}}""");
        var options = Try.Options<HttpCallOptions>($$"""
            {
              "request": {
                "url": "{{vendor.Url}}/v1/companies/{{"{{company.domain}}"}}?name={{"{{ company.name? }}"}}",
                "headers": { "X-Version": "2", "X-Trace": "row {{"{{column:Row}}"}}", "Accept": "application/vnd.acme+json" },
                "body": { "domain": "{{"{{company.domain}}"}}", "size": "{{"{{company.size}}"}}", "text": "of {{"{{company.size}}"}}", "name": "{{"{{company.name?}}"}}", "all": [1, true, null], "key": "{{"{{idempotency_key}}"}}" }
              },
              "authentication": { "kind": "bearer" },
              "credential": "s3cret",
              "answer": { "fields": { "company.employee_count": "/data/size", "company.industry": "/data/industry" } }
            }
            """);

        var outcome = await RunAsync(
            new AcmeCompanyStep(Http()),
            options,
            ("company.domain", "a/b?c=d&é \".."),
            ("company.size", 7),
            ("column:Row", "3"));

        Assert.Equal("""{"company.employee_count":42,"company.industry":null}""", Try.Result(outcome));
        var request = Assert.Single(vendor.Requests);
        Assert.Equal(("POST", "/v1/companies/a%2Fb%3Fc%3Dd%26%C3%A9%20%22..?name="), (request.Method, request.Target));
        Assert.Equal(
            """{"domain":"a/b?c=d\u0026\u00E9 \u0022..","size":7,"text":"of 7","name":null,"all":[1,true,null],"key":"000102030405060708090a0b0c0d0e0f"}""",
            request.Body);
        Assert.Equal("2", request.Headers["X-Version"]);
        Assert.Equal("row 3", request.Headers["X-Trace"]);
        Assert.Equal("application/vnd.acme+json", request.Headers["Accept"]);
        Assert.Equal("Bearer s3cret", request.Headers["Authorization"]);
        Assert.Equal(Try.Key, request.Headers["Idempotency-Key"]);
        Assert.Equal("application/json", request.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData(""" "authentication": {"kind":"basic","user":"me"}, "credential":"pass" """, "Authorization", "Basic bWU6cGFzcw==")]
    [InlineData(""" "authentication": {"kind":"header"}, "credential":"pass" """, "X-Api-Key", "pass")]
    [InlineData(""" "authentication": {"kind":"header","header":"Acme-Key"}, "credential":"pass" """, "Acme-Key", "pass")]
    public async Task Credentials_go_where_the_vendor_wants_them(string settings, string header, string value)
    {
        await using var vendor = Try.Vendor(200, "{}");
        var options = Try.Options<HttpCallOptions>(
            $$"""{ "request": { "method": "GET", "url": "{{vendor.Url}}", "idempotencyHeader": "" }, {{settings}} }""");

        await RunAsync(new AcmeCompanyStep(Http()), options);

        Assert.Equal(value, vendor.Requests[0].Headers[header]);
        Assert.DoesNotContain("Idempotency-Key", vendor.Requests[0].Headers.Keys);
    }

    [Fact]
    public async Task An_item_without_what_the_request_needs_is_skipped_and_nothing_is_sent()
    {
        await using var vendor = Try.Vendor(200, "{}");
        var options = Get($"{vendor.Url}/{{{{company.domain}}}}?n={{{{company.name}}}}");

        var outcome = await RunAsync(new AcmeCompanyStep(Http()), options);

        Assert.Equal((StepOutcomeKind.Skipped, "The record has no company.domain, company.name."), (outcome.Kind, outcome.Reason));
        Assert.Empty(vendor.Requests);
    }

    [Fact]
    public async Task A_key_that_a_vendor_takes_in_the_query_alone_is_sent_there_and_told_nowhere()
    {
        const string Settings =
            """{ "request": { "method": "GET", "url": "URL" }, "authentication": { "kind": "Query", "parameter": "hapi key" }, "credential": "canary&x=1" }""";
        await using var vendor = Try.Vendor(
            exchange => exchange.JsonAsync(200, "{}"),
            exchange => exchange.JsonAsync(200, "{}"),
            exchange => exchange.JsonAsync(400, "{}"));

        await RunAsync(
            new AcmeWholeStep(Http()),
            Try.Options<HttpCallOptions>(Settings.Replace("URL", vendor.Url + "/v1", StringComparison.Ordinal)));
        await RunAsync(
            new AcmeWholeStep(Http()),
            Try.Options<HttpCallOptions>(Settings.Replace("URL", vendor.Url + "/v1?page=1#top", StringComparison.Ordinal)));
        var refused = await RunAsync(
            new AcmeWholeStep(Http()),
            Try.Options<HttpCallOptions>(Settings.Replace("URL", vendor.Url + "/v1", StringComparison.Ordinal)));
        var unreachable = await RunAsync(
            new AcmeWholeStep(Http()),
            Try.Options<HttpCallOptions>(Settings.Replace("URL", "http://127.0.0.1:1/v1", StringComparison.Ordinal))
        );

        Assert.Equal(
            ["/v1?hapi%20key=canary%26x%3D1", "/v1?page=1&hapi%20key=canary%26x%3D1"],
            vendor.Requests.Take(2).Select(request => request.Target));
        Assert.All([refused, unreachable], outcome => Assert.DoesNotContain("canary", outcome.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, "no such company", "The vendor refuses the request (400). It said: no such company")]
    [InlineData(500, "", "The vendor answered 500. It is unknown whether it did the work.")]
    [InlineData(
        401,
        "  bad key  ",
        "The vendor refuses the credential (401). Check the step's settings and their secret. It said: bad key")]
    public async Task A_vendors_words_about_an_error_are_kept_where_that_is_wanted(int status, string text, string reason)
    {
        const string Settings = """{ "request": { "method": "GET", "url": "URL" }, "errors": { "keepText": KEEP } }""";
        await using var vendor = Try.Vendor(exchange => exchange.RespondAsync(status, text));
        var url = Settings.Replace("URL", vendor.Url, StringComparison.Ordinal);

        Assert.Equal(
            reason,
            (
                await RunAsync(
                    new AcmeWholeStep(Http()),
                    Try.Options<HttpCallOptions>(url.Replace("KEEP", "true", StringComparison.Ordinal)))).Reason);
        Assert.DoesNotContain(
            "It said",
            (
                await RunAsync(
                    new AcmeWholeStep(Http()),
                    Try.Options<HttpCallOptions>(url.Replace("KEEP", "false", StringComparison.Ordinal)))).Reason,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_than_500_characters_of_an_error_are_kept_and_none_is_cut_in_half()
    {
        await using var vendor = Try.Vendor(exchange => exchange.RespondAsync(400, new string('x', 499) + "👩" + new string('y', 5000)));

        var outcome = await RunAsync(
            new AcmeWholeStep(Http()),
            Try.Options<HttpCallOptions>($$"""{ "request": { "url": "{{vendor.Url}}" }, "errors": { "keepText": true } }"""));

        Assert.EndsWith($" It said: {new string('x', 499)}…", outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    public async Task A_value_does_not_climb_out_of_the_path(string domain)
    {
        await using var vendor = Try.Vendor(200, "{}");

        var outcome = await RunAsync(
            new AcmeCompanyStep(Http()),
            Get($"{vendor.Url}/v1/companies/{{{{company.domain}}}}"),
            ("company.domain", domain));

        Assert.Equal(StepOutcomeKind.Skipped, outcome.Kind);
        Assert.Empty(vendor.Requests);
    }

    [Theory]
    [InlineData("acme.com\r\nX-Admin: 1")]
    [InlineData("a\tb")]
    [InlineData("Müller GmbH")]
    public async Task A_value_that_no_header_can_carry_fails_its_item_and_nothing_is_sent(string domain)
    {
        await using var vendor = Try.Vendor(200, "{}");
        var options = Try.Options<HttpCallOptions>(
            $$"""{ "request": { "url": "{{vendor.Url}}", "headers": { "X-Domain": "{{"{{company.domain}}"}}" } } }""");

        var outcome = await RunAsync(new AcmeCompanyStep(Http()), options, ("company.domain", domain));

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.Permanent), (outcome.Kind, outcome.ErrorClass));
        Assert.Equal(
            "A value of the record holds a character that the header X-Domain cannot carry: a header has to be ASCII, on one line. Nothing was sent.",
            outcome.Reason);
        Assert.Equal(0, vendor.Connections);
    }

    [Theory]
    [InlineData("POST", """ "body": {}, """)]
    [InlineData("GET", "")]
    public async Task The_media_type_of_the_body_may_be_another(string method, string body)
    {
        await using var vendor = Try.Vendor(200, "{}");
        var options = Try.Options<HttpCallOptions>(
            $$"""{ "request": { "method": "{{method}}", "url": "{{vendor.Url}}", {{body}} "headers": { "content-type": "application/vnd.acme+json; v=2" } } }""");

        var outcome = await RunAsync(new AcmeCompanyStep(Http()), options);

        Assert.Equal(
            (StepOutcomeKind.Completed, "application/vnd.acme+json; v=2"),
            (outcome.Kind, vendor.Requests[0].Headers["Content-Type"]));
    }

    [Fact]
    public async Task A_vendor_that_does_not_answer_in_time_is_unknown()
    {
        var clock = new FakeClock();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var vendor = Try.Vendor(exchange =>
        {
            reached.TrySetResult();
            return exchange.HangAsync();
        });
        using var http = new OutboundHttp(Try.Local, clock);

        var call = RunAsync(new AcmeWholeStep(http), Get(vendor.Url));
        await reached.Task;
        clock.Advance(Try.Local.Deadline);

        Assert.Equal(StepOutcomeKind.Unknown, (await call).Kind);
    }

    [Theory]
    [InlineData(90, 85)]
    [InlineData(3600, 3595)]
    [InlineData(12, 11)]
    public async Task A_call_has_as_long_as_its_stage_but_for_the_time_to_explain_itself(double timeoutSeconds, double seconds)
    {
        var clock = new FakeClock();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var vendor = Try.Vendor(exchange =>
        {
            reached.TrySetResult();
            return exchange.HangAsync();
        });
        using var http = new OutboundHttp(Try.Local, clock);
        var context = new StepContext(Try.Context(Get(vendor.Url)).Record, Get(vendor.Url))
        {
            Timeout = TimeSpan.FromSeconds(timeoutSeconds),
            TimeProvider = clock,
        };

        var call = new AcmeWholeStep(http).ExecuteAsync(context, default).AsTask();
        await reached.Task;
        clock.Advance(TimeSpan.FromSeconds(seconds - 0.5));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.5));

        var outcome = await call.WaitAsync(Wait.Patience, TimeProvider.System);
        Assert.Equal(StepOutcomeKind.Unknown, outcome.Kind);
        Assert.Contains(
            FormattableString.Invariant($"did not answer within {seconds:0.#} seconds."),
            outcome.Reason,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", StepOutcomeKind.Retry, ErrorClass.Transient)]
    [InlineData("https://10.0.0.1/", StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData("http://example.com/", StepOutcomeKind.Failed, ErrorClass.Configuration)]
    public async Task Where_nothing_was_sent_nothing_is_unknown(string url, StepOutcomeKind kind, ErrorClass error)
    {
        var outcome = await RunAsync(new AcmeWholeStep(Http()), Get(url));

        Assert.Equal((kind, error), (outcome.Kind, outcome.ErrorClass));
    }

    [Fact]
    public async Task The_harness_finds_the_step_true_to_its_declaration()
    {
        await using var vendor = Try.Vendor(200, """{"size":42}""");
        var options = Try.Options<HttpCallOptions>(
            $$"""{ "request": { "url": "{{vendor.Url}}/{{"{{company.domain}}"}}" }, "answer": { "fields": { "company.employee_count": "/size" } } }""");

        var answer = await StepHarness.For(new AcmeCompanyStep(Http())).With("company.domain", "acme.com").WithOptions(options).RunAsync();

        Assert.Equal("42", answer.Text("company.employee_count"));
    }

    private static HttpCallOptions Get(string url) =>
        Try.Options<HttpCallOptions>($$"""{ "request": { "method": "GET", "url": "{{url}}" } }""");

    private static OutboundHttp Http() => new(Try.Local);

    private static Task<StepOutcome> RunAsync(HttpCallStep step, HttpOptions options, params (string Field, object? Value)[] fields) =>
        step.ExecuteAsync(Try.Context(options, fields), default).AsTask();
}
