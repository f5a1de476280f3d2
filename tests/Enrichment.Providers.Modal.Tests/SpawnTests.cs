using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Modal.Tests;

/// <summary>Work that is begun by one endpoint and asked for at another, as https://modal.com/docs/guide/job-queue has it.</summary>
public sealed class SpawnTests
{
    [Fact]
    public async Task The_work_is_begun_once_and_asked_for_by_its_call_id()
    {
        var polls = 0;
        await using var modal = new LocalServer(exchange => (exchange.Request.Method, exchange.Request.Target) switch
        {
            ("POST", "/spawn") => exchange.JsonAsync(200, """{"call_id":"fc-01"}"""),
            ("GET", "/poll?call_id=fc-01") when Interlocked.Increment(ref polls) == 1 => exchange.JsonAsync(202, "{}"),
            ("GET", "/poll?call_id=fc-01") => exchange.JsonAsync(200, """{"company.employee_count":42}"""),
            _ => exchange.RespondAsync(400),
        });
        var step = Spawn(modal);

        var sent = await step.CallAsync(("company.domain", "acme.com"));
        var first = await step.PollAsync(sent.Reference);
        var second = await step.PollAsync(sent.Reference);

        Assert.Equal((StepOutcomeKind.AwaitingPoll, "fc-01"), (sent.Kind, sent.Reference));
        Assert.Equal(StepOutcomeKind.AwaitingPoll, first.Kind);
        Assert.Equal("""{"company.employee_count":42}""", Tried.Result(second));
        Assert.All(
            modal.Requests,
            request => Assert.Equal(("the MODAL_KEY", "the MODAL_SECRET"), (request.Headers["Modal-Key"], request.Headers["Modal-Secret"])));
        Tried.AssertJson(
            $$$"""{"idempotency_key":"{{{Tried.Key}}}","record":{"company.domain":"acme.com","company.name":null}}""",
            modal.Requests[0].Body);
    }

    [Theory]
    [InlineData(202, "{}", StepOutcomeKind.AwaitingPoll)] // As the page on request timeouts writes it,
    [InlineData(202, "\"\"", StepOutcomeKind.AwaitingPoll)] // and as that on job processing does.
    [InlineData(200, "null", StepOutcomeKind.NotFound)]
    [InlineData(404, "\"\"", StepOutcomeKind.Failed)] // Expired.
    [InlineData(404, """{"error":"expired"}""", StepOutcomeKind.Failed)]
    [InlineData(410, """{"error":"ValueError"}""", StepOutcomeKind.Failed)]
    [InlineData(404, "modal-http: invalid function call", StepOutcomeKind.Unknown)] // No word of the function's: it is asked again.
    [InlineData(401, "modal-http: missing credentials for proxy authorization", StepOutcomeKind.Unknown)]
    [InlineData(429, "", StepOutcomeKind.Unknown)]
    [InlineData(500, "Internal Server Error", StepOutcomeKind.Unknown)]
    public async Task A_poll_ends_the_item_only_by_the_functions_word(int status, string body, StepOutcomeKind kind)
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(status, body));

        Assert.Equal(kind, (await Spawn(modal).PollAsync("fc-01")).Kind);
    }

    [Fact]
    public async Task Work_that_was_begun_and_cannot_be_asked_for_is_put_up_for_review()
    {
        await using var modal = new LocalServer(exchange => exchange.JsonAsync(200, "{}"));

        var outcome = await Spawn(modal).CallAsync(("company.domain", "acme.com"));

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.OutcomeUnknown), (outcome.Kind, outcome.ErrorClass));
    }

    [Fact]
    public async Task An_app_that_is_not_deployed_finds_nothing_out()
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(404, "modal-http: invalid function call"));

        Assert.Equal(StepOutcomeKind.Failed, (await Spawn(modal).CallAsync(("company.domain", "acme.com"))).Kind);
    }

    private static Tried Spawn(LocalServer modal) =>
        new(
            Tried.Size.Spawn(),
            $$$"""{ "request": { "url": "{{{modal.Url}}}/spawn" }, "poll": { "url": "{{{modal.Url}}}/poll?call_id={{reference}}" } }""");
}
