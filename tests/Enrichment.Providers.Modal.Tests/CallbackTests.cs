using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Modal.Tests;

/// <summary>A function that posts its answer to the host.</summary>
public sealed class CallbackTests
{
    [Fact]
    public async Task The_function_is_told_where_to_deliver()
    {
        await using var modal = new LocalServer(exchange => exchange.JsonAsync(200, """{"call_id":"fc-01"}"""));

        var outcome = await Callback(modal).CallAsync(("company.domain", "acme.com"));

        Assert.Equal((StepOutcomeKind.AwaitingCallback, "fc-01"), (outcome.Kind, outcome.Reference));
        Tried.AssertJson(
            $$"""{"idempotency_key":"{{Tried.Key}}","record":{"company.domain":"acme.com","company.name":null},"callback_url":"https://leads.example.com/callbacks/token"}""",
            Assert.Single(modal.Requests).Body);
    }

    [Fact]
    public async Task Nothing_is_sent_where_the_answer_would_not_arrive()
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(200));

        var outcome = await Callback(modal).CallAsync(null, ("company.domain", "acme.com"));

        Assert.Equal((StepOutcomeKind.Failed, ErrorClass.Configuration), (outcome.Kind, outcome.ErrorClass));
        Assert.Empty(modal.Requests);
    }

    [Theory]
    [InlineData("""{"status":"done","result":{"company.employee_count":42}}""", StepOutcomeKind.Completed)]
    [InlineData("""{"status":"done","result":null}""", StepOutcomeKind.NotFound)]
    [InlineData("""{"status":"failed","error":"ValueError"}""", StepOutcomeKind.Failed)]
    [InlineData("""{"company.employee_count":42}""", StepOutcomeKind.AwaitingCallback)]
    public async Task A_delivery_says_what_became_of_the_work(string body, StepOutcomeKind kind)
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(200));

        Assert.Equal(kind, Callback(modal).Receive(body).Kind);
    }

    [Fact]
    public async Task Deliveries_are_signed()
    {
        await using var modal = new LocalServer(exchange => exchange.RespondAsync(200));
        var step = Callback(modal);

        Assert.Equal(
            ["the MODAL_CALLBACK"],
            Assert.IsType<CallbackAuthentication.StandardWebhooks>(step.Half<ICallbackReceiver>().Authentication(step.Options)).Secrets);
    }

    private static Tried Callback(LocalServer modal) => new(Tried.Size.Callback(), $$"""{ "request": { "url": "{{modal.Url}}" } }""");
}
