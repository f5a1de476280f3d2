using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.Testing;

namespace Enrichment.Providers.Modal.Tests;

/// <summary>A web endpoint that answers its caller, however long that takes.</summary>
public sealed class CallTests
{
    // https://modal.com/docs/guide/webhook-timeouts: the original address with a query parameter.
    private const string ResultUrl = "/?__modal_function_call_id=fc-1";

    [Fact]
    public async Task The_record_goes_out_with_the_key_and_the_token_and_the_whole_answer_is_kept()
    {
        await using var modal = new LocalServer(exchange =>
            exchange.JsonAsync(200, """{"company.employee_count":42,"how":{"sure":true}}"""));

        var outcome = await Call(modal).CallAsync(("company.domain", "acme.com"));

        Tried.AssertJson("""{"company.employee_count":42,"how":{"sure":true}}""", Tried.Result(outcome));
        var request = Assert.Single(modal.Requests);
        Assert.Equal(
            ("POST", "the MODAL_KEY", "the MODAL_SECRET"),
            (request.Method, request.Headers["Modal-Key"], request.Headers["Modal-Secret"]));
        Tried.AssertJson(
            $$$"""{"idempotency_key":"{{{Tried.Key}}}","record":{"company.domain":"acme.com","company.name":null}}""",
            request.Body);
    }

    [Fact]
    public async Task A_long_call_is_waited_for_at_its_result_and_the_work_is_sent_once()
    {
        var gets = 0;
        await using var modal = new LocalServer(exchange => (exchange.Request.Method, exchange.Request.Target) switch
        {
            ("POST", "/") => exchange.RedirectAsync(303, ResultUrl),
            ("GET", ResultUrl) when Interlocked.Increment(ref gets) < 20 => exchange.RedirectAsync(303, ResultUrl),
            ("GET", ResultUrl) => exchange.JsonAsync(200, """{"company.employee_count":42}"""),
            _ => exchange.RespondAsync(400, "modal-http: bad redirect method"),
        });

        var outcome = await Call(modal).CallAsync(("company.domain", "acme.com"));

        Assert.Equal("""{"company.employee_count":42}""", Tried.Result(outcome));
        Assert.Equal(["POST", .. Enumerable.Repeat("GET", 20)], modal.Requests.Select(request => request.Method));
        Assert.All(modal.Requests, request => Assert.Equal("the MODAL_SECRET", request.Headers["Modal-Secret"]));
    }

    [Fact]
    public async Task A_call_that_outlasts_the_steps_time_is_unknown()
    {
        var clock = new FakeClock();
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var modal = new LocalServer(exchange =>
        {
            if (exchange.Request.Method == "POST")
            {
                return exchange.RedirectAsync(303, ResultUrl);
            }

            waiting.TrySetResult();
            return exchange.HangAsync();
        });

        var call = Call(modal, clock).CallAsync(("company.domain", "acme.com"));
        await waiting.Task;
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(StepOutcomeKind.Unknown, (await call).Kind);
    }

    [Theory]
    [InlineData(401, "modal-http: missing credentials for proxy authorization", StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData(403, "", StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData(404, "modal-http: invalid function call", StepOutcomeKind.Failed, ErrorClass.Permanent)]
    [InlineData(410, """{"error":"ValueError"}""", StepOutcomeKind.Failed, ErrorClass.Permanent)]
    [InlineData(422, """{"detail":[]}""", StepOutcomeKind.Failed, ErrorClass.Permanent)]
    [InlineData(429, "", StepOutcomeKind.RateLimited, ErrorClass.RateLimited)]
    [InlineData(408, "Missing request, possibly due to expiry or cancellation", StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    [InlineData(500, "modal-http: internal error", StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    public async Task A_response_that_is_no_answer_is_told_by_its_status(int status, string body, StepOutcomeKind kind, ErrorClass error)
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(status, body));

        var outcome = await Call(modal).CallAsync(("company.domain", "acme.com"));

        Assert.Equal((kind, error), (outcome.Kind, outcome.ErrorClass));
        Assert.Single(modal.Requests);
    }

    [Fact]
    public async Task None_is_an_answer()
    {
        await using var modal = new LocalServer(exchange => exchange.JsonAsync(200, "null"));

        Assert.Equal(StepOutcomeKind.NotFound, (await Call(modal).CallAsync(("company.domain", "acme.com"))).Kind);
    }

    [Fact]
    public async Task An_item_without_what_the_function_needs_is_not_sent()
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(200));

        var outcome = await Call(modal).CallAsync(("company.name", "Acme"));

        Assert.Equal((StepOutcomeKind.Skipped, "The record has no company.domain."), (outcome.Kind, outcome.Reason));
        Assert.Empty(modal.Requests);
    }

    [Fact]
    public async Task An_endpoint_without_a_token_is_called_without_one()
    {
        await using var modal = new LocalServer(exchange => exchange.JsonAsync(200, "{}"));

        await new Tried(
            Tried.Size.Call(),
            $$"""{ "request": { "url": "{{modal.Url}}", "headers": { "Modal-Key": null, "Modal-Secret": null } } }""").CallAsync(("company.domain", "acme.com"));

        Assert.DoesNotContain(
            Assert.Single(modal.Requests).Headers.Keys,
            name => name.StartsWith("Modal-", StringComparison.OrdinalIgnoreCase));
    }

    private static Tried Call(LocalServer modal, TimeProvider? time = null) =>
        new(Tried.Size.Call(), $$"""{ "request": { "url": "{{modal.Url}}" } }""", time);
}
