using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Clay.Tests;

/// <summary>A row goes out, once, with what the table needs to answer.</summary>
public sealed class SendTests
{
    [Fact]
    public async Task A_company_goes_to_the_tables_webhook()
    {
        await using var clay = new LocalServer(exchange => exchange.JsonAsync(200, """{"success":true}"""));
        var context = Attempts.Context(
            new() { WebhookUrl = $"{clay.Url}/v3/sources/webhook/pull-in-data", WebhookAuth = "auth" },
            ("company.name", "Acme \"A\""),
            ("company.domain", "acme.com"));

        var outcome = await new ClayCompanyStep(Attempts.Http).ExecuteAsync(context, default);

        Assert.Equal(StepOutcomeKind.AwaitingCallback, outcome.Kind);
        var request = Assert.Single(clay.Requests);
        Assert.Equal(
            ("POST", "/v3/sources/webhook/pull-in-data", "auth", "application/json"),
            (request.Method, request.Target, request.Headers["x-clay-webhook-auth"], request.Headers["Content-Type"]));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["company_name"] = "Acme \"A\"",
                ["company_domain"] = "acme.com",
                ["callback_url"] = "https://leads.example.com/callbacks/the-token",
                ["callback_token"] = "the-token",
                ["item_id"] = "the-token",
                ["idempotency_key"] = "000102030405060708090a0b0c0d0e0f",
            },
            JsonSerializer.Deserialize<Dictionary<string, string>>(request.Body));
    }

    [Fact]
    public async Task A_person_goes_with_the_company()
    {
        await using var clay = new LocalServer(exchange => exchange.RespondAsync(200, "OK"));
        var context = Attempts.Context(
            new() { WebhookUrl = clay.Url },
            ("person.full_name", "Jane O'Toole"),
            ("person.linkedin_url", "https://linkedin.com/in/jane"),
            ("person.title", "CEO"),
            ("person.phone", "+1"),
            ("company.domain", "acme.com"));

        var outcome = await new ClayPersonStep(Attempts.Http).ExecuteAsync(context, default);

        Assert.Equal(StepOutcomeKind.AwaitingCallback, outcome.Kind);
        var row = JsonSerializer.Deserialize<Dictionary<string, string>>(clay.Requests[0].Body)!;
        Assert.Equal(
            ("Jane O'Toole", "CEO", "+1", "acme.com"),
            (row["full_name"], row["job_title"], row["mobile_phone"], row["company_domain"]));
        Assert.DoesNotContain("x-clay-webhook-auth", clay.Requests[0].Headers.Keys);
    }

    [Theory]
    [InlineData(401, StepOutcomeKind.Failed, ErrorClass.Configuration)]
    [InlineData(402, StepOutcomeKind.RateLimited, ErrorClass.OutOfCredits)]
    [InlineData(404, StepOutcomeKind.Failed, ErrorClass.Permanent)]
    [InlineData(429, StepOutcomeKind.RateLimited, ErrorClass.RateLimited)]
    [InlineData(500, StepOutcomeKind.Unknown, ErrorClass.OutcomeUnknown)]
    [InlineData(503, StepOutcomeKind.Retry, ErrorClass.Transient)]
    public async Task A_table_that_takes_no_row_says_why(int status, StepOutcomeKind kind, ErrorClass error)
    {
        await using var clay = new LocalServer(exchange => exchange.JsonAsync(status, "{}"));

        var outcome = await new ClayCompanyStep(Attempts.Http).ExecuteAsync(
            Attempts.Context(new() { WebhookUrl = clay.Url }, ("company.domain", "acme.com")),
            default);

        Assert.Equal((kind, error), (outcome.Kind, outcome.ErrorClass));
        Assert.Single(clay.Requests);
    }

    [Fact]
    public async Task Nothing_is_sent_of_nobody_or_where_the_answer_would_not_arrive()
    {
        await using var clay = new LocalServer(exchange => exchange.RespondAsync(200));
        var options = new ClayOptions { WebhookUrl = clay.Url };

        Assert.Equal(
            StepOutcomeKind.Skipped,
            (await new ClayCompanyStep(Attempts.Http).ExecuteAsync(Attempts.Context(options, ("company.city", "Rome")), default)).Kind);
        Assert.Equal(
            StepOutcomeKind.Skipped,
            (await new ClayPersonStep(Attempts.Http).ExecuteAsync(Attempts.Context(options, ("company.domain", "acme.com")), default)).Kind);
        var unreachable = new StepContext(Attempts.Context(options, ("company.domain", "acme.com")).Record, options);
        Assert.Equal(ErrorClass.Configuration, (await new ClayCompanyStep(Attempts.Http).ExecuteAsync(unreachable, default)).ErrorClass);
        Assert.Empty(clay.Requests);
    }

    [Fact]
    public void Deliveries_are_proved_by_the_secret_where_there_is_one()
    {
        var step = new ClayCompanyStep(Attempts.Http);

        Assert.IsType<CallbackAuthentication.TokenOnly>(step.Authentication(new ClayOptions { WebhookUrl = "https://clay.example/" }));
        Assert.Equal(
            ["s"],
            Assert
                .IsType<CallbackAuthentication.Bearer>(
                    step.Authentication(new ClayOptions { WebhookUrl = "https://clay.example/", DeliverySecret = "s" })
                )
                .Secrets);
    }

    [Theory]
    [InlineData("""{"callback_token":"t"}""", "t")]
    [InlineData("""[{"callback_token":"t","item_id":"i"}]""", "t")]
    [InlineData("""{"item_id":"i"}""", "i")]
    [InlineData(""" "{\"callback_token\":\"t\"}" """, "t")]
    [InlineData("""{"callback_token":null}""", null)]
    [InlineData("[]", null)]
    [InlineData("<html>", null)]
    public void A_delivery_to_the_steps_own_address_names_its_row(string body, string? token) =>
        Assert.Equal(token, new ClayCompanyStep(Attempts.Http).TokenOf(Attempts.Delivery(body)));

    [Fact]
    public void An_address_that_is_none_is_refused_without_being_told()
    {
        var options = new ClayOptions { WebhookUrl = "canary" };
        var problems = new List<ValidationResult>();

        Assert.False(Validator.TryValidateObject(options, new(options), problems, validateAllProperties: true));
        Assert.Equal(
            "webhookUrl is not an address. Copy it from the webhook of the Clay table, and give it to the host as a secret.",
            Assert.Single(problems).ErrorMessage);
    }
}
