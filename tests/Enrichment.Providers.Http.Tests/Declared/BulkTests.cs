using System.Text.Json;
using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>A vendor with a bulk endpoint, described by settings alone.</summary>
public sealed class BulkTests
{
    [Fact]
    public async Task Ninety_seven_of_a_hundred_are_answered_in_any_order_among_strangers()
    {
        await using var vendor = Try.Vendor(async exchange =>
        {
            var asked = JsonSerializer
                .Deserialize<JsonElement>(exchange.Request.Body)
                .GetProperty("records")
                .EnumerateArray()
                .Select(item => (Ref: item.GetProperty("ref").GetString(), Email: item.GetProperty("email").GetString()));
            var answers = asked
                .Skip(3)
                .Reverse()
                .Select(item => (object)new { @ref = item.Ref, result = new { status = "ok " + item.Email } })
                .Prepend(new { @ref = "stranger" })
                .Append(new { no = "ref" })
                .Append("text");
            await exchange.JsonAsync(200, JsonSerializer.Serialize(new { data = answers }));
        });
        var options = Options(vendor);
        var contexts = Contexts(options, Enumerable.Range(0, 100).Select(i => (string?)$"{i}@acme.com"));

        var outcomes = await new AcmeVerifyStep(Http()).ExecuteAsync(contexts, default);

        Assert.Equal(contexts.Skip(3).Select(context => context.IdempotencyKey).Order(), outcomes.Keys.Order());
        Assert.All(
            contexts.Skip(3),
            context =>
                Assert.Equal(
                    $$"""{"person.email_status":"ok {{context.Record.Text("person.email")}}"}""",
                    Try.Result(outcomes[context.IdempotencyKey])));
        Assert.Single(vendor.Requests);
    }

    [Fact]
    public async Task An_answer_that_holds_half_of_a_surrogate_pair_spoils_itself_alone()
    {
        await using var vendor = Try.Vendor(
            200,
            """{"data":[{"ref":"\ud800"},{"\udc00":1,"ref":"key-0","result":{"status":"ok"}},{"ref":"key-1","result":{"status":"\ud800"}},{"ref":"key-2","result":{"status":"ok"}}]}""");

        var outcomes = await new AcmeVerifyStep(Http()).ExecuteAsync(
            Contexts(Options(vendor), ["a@acme.com", "b@acme.com", "c@acme.com"]),
            default);

        Assert.Equal("""{"person.email_status":"ok"}""", Try.Result(outcomes["key-2"]));
        Assert.Equal(ErrorClass.InvalidOutput, outcomes["key-1"].ErrorClass);
    }

    [Fact]
    public async Task An_item_that_lacks_something_is_skipped_and_the_others_are_sent()
    {
        await using var vendor = Try.Vendor(200, """{"data":[{"ref":"key-1","result":null}]}""");
        var options = Options(vendor);

        var outcomes = await new AcmeVerifyStep(Http()).ExecuteAsync(Contexts(options, [null, "b@acme.com"]), default);

        Assert.Equal((StepOutcomeKind.Skipped, "The record has no person.email."), (outcomes["key-0"].Kind, outcomes["key-0"].Reason));
        Assert.Equal(StepOutcomeKind.NotFound, outcomes["key-1"].Kind);
        Assert.Equal("""{"records":[{"ref":"key-1","email":"b@acme.com"}]}""", vendor.Requests[0].Body);
    }

    [Fact]
    public async Task Nothing_is_sent_for_nobody()
    {
        await using var vendor = Try.Vendor(200, "{}");

        await new AcmeVerifyStep(Http()).ExecuteAsync(Contexts(Options(vendor), [null, null]), default);

        Assert.Empty(vendor.Requests);
    }

    [Fact]
    public async Task Items_may_be_matched_by_what_the_vendor_repeats_of_them()
    {
        await using var vendor = Try.Vendor(200, """[{"email":"a@acme.com","status":"ok"}]""");
        var options = Try.Options<HttpBulkOptions>($$"""
            {
              "request": { "url": "{{vendor.Url}}", "body": "{{"{{items}}"}}" },
              "bulk": { "item": "{{"{{person.email}}"}}", "key": "/email", "match": "{{"{{person.email}}"}}" },
              "answer": { "fields": { "person.email_status": "/status" } }
            }
            """);

        var outcomes = await new AcmeVerifyStep(Http()).ExecuteAsync(
            Contexts(options, ["a@acme.com", "b@acme.com", "a@acme.com"]),
            default);

        Assert.Equal("""["a@acme.com","b@acme.com","a@acme.com"]""", vendor.Requests[0].Body);
        Assert.Equal(["key-0", "key-2"], outcomes.Keys.Order());
    }

    [Theory]
    [InlineData(429, "{}", StepOutcomeKind.RateLimited)]
    [InlineData(503, "{}", StepOutcomeKind.Retry)]
    [InlineData(504, "{}", StepOutcomeKind.Unknown)]
    [InlineData(402, "{}", StepOutcomeKind.RateLimited)]
    [InlineData(200, "<html>", StepOutcomeKind.Failed)]
    [InlineData(200, """{"data":{}}""", StepOutcomeKind.Failed)]
    [InlineData(200, """{"data":[{"ref":"key-0"}""", StepOutcomeKind.Unknown)]
    public async Task The_fate_of_a_call_is_that_of_each_of_its_items(int status, string body, StepOutcomeKind kind)
    {
        await using var vendor = Try.Vendor(status, body);

        var outcomes = await new AcmeVerifyStep(Http()).ExecuteAsync(Contexts(Options(vendor), ["a@acme.com", "b@acme.com"]), default);

        Assert.Equal([kind, kind], outcomes.Values.Select(outcome => outcome.Kind));
    }

    [Fact]
    public async Task The_same_items_have_the_same_key_and_others_another()
    {
        await using var vendor = Try.Vendor(503, "{}");
        var options = Options(vendor);
        var step = new AcmeVerifyStep(Http());

        await step.ExecuteAsync(Contexts(options, ["a@acme.com", "b@acme.com"]), default);
        await step.ExecuteAsync([.. Contexts(options, ["a@acme.com", "b@acme.com"]).Reverse()], default);
        await step.ExecuteAsync(Contexts(options, ["a@acme.com"]), default);

        var keys = vendor.Requests.Select(request => request.Headers["Idempotency-Key"]).ToList();
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[0], keys[2]);
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{32}$", key));
    }

    [Fact]
    public async Task One_item_alone_is_a_call_of_one()
    {
        await using var vendor = Try.Vendor(
            exchange => exchange.JsonAsync(200, """{"data":[{"ref":"key-0","result":{"status":"ok"}}]}"""),
            exchange => exchange.JsonAsync(200, """{"data":[]}"""));
        var context = Contexts(Options(vendor), ["a@acme.com"])[0];
        var step = new AcmeVerifyStep(Http());

        Assert.Equal("""{"person.email_status":"ok"}""", Try.Result(await step.ExecuteAsync(context, default)));
        Assert.Equal(StepOutcomeKind.Retry, (await step.ExecuteAsync(context, default)).Kind);
    }

    [Theory]
    [InlineData(
        """{ "url": "https://acme.example/", "body": {} }""",
        "request.body has no \"{{items}}\", so no item would be sent. Write it where the vendor expects the array.")]
    [InlineData(
        """{ "url": "https://acme.example/{{person.email}}", "body": "{{items}}" }""",
        "request holds {{person.email}}, but one call serves many items. Write it into bulk.item.")]
    public void Settings_that_contradict_themselves_are_refused_at_launch(string request, string problem) =>
        Assert.Equal([problem], Try.Problems<HttpBulkOptions>($$"""{ "request": {{request}}, "bulk": { "item": 1 } }""", out _));

    private static HttpBulkOptions Options(LocalServer vendor) => Try.Options<HttpBulkOptions>($$"""
        {
          "request": { "url": "{{vendor.Url}}", "body": { "records": "{{"{{items}}"}}" } },
          "bulk": { "item": { "ref": "{{"{{idempotency_key}}"}}", "email": "{{"{{person.email}}"}}" }, "answers": "/data", "key": "/ref" },
          "answer": { "found": "/result", "fields": { "person.email_status": "/result/status" } }
        }
        """);

    private static IReadOnlyList<StepContext> Contexts(HttpBulkOptions options, IEnumerable<string?> emails) =>
        [.. emails.Select((email, i) => Try.Context(options, $"key-{i}", null, ("person.email", email)))];

    private static OutboundHttp Http() => new(Try.Local);
}
