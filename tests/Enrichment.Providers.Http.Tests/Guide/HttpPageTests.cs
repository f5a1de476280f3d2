using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Enrichment.Callbacks;
using Enrichment.Execution;
using Enrichment.Pipelines;
using Enrichment.Providers.Http.Tests.Declared;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.Sqlite;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment.Providers.Http.Tests.Guide;

/// <summary>What docs/guide/http.md shows, run as it stands there, with a vendor on the loopback in the place of Acme.</summary>
public sealed partial class HttpPageTests
{
    private static readonly string[] Examples =
        [.. Json().Matches(File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs", "guide", "http.md")).ReplaceLineEndings("\n")).Select(match => match.Groups["json"].Value)];

    [Fact]
    public async Task The_pipeline_is_run_by_the_engine()
    {
        await using var vendor = new LocalServer(exchange => exchange.Request.Target == "/v1/companies/acme.com"
            ? exchange.JsonAsync(200, """{"data":{"size":42,"industries":["Anvils"]},"credits":1.5}""")
            : exchange.JsonAsync(200, """{"data":null}"""));
        await using var engine = EnrichmentEngine.Create(e =>
        {
            e.UseSqlite(":memory:")
                .UseSecrets(name => name == "ACME_KEY" ? "the key" : null)
                .AddStep<AcmeCompanyStep>()
                .AddPipeline(PipelineDefinition.Parse(At(vendor, Examples[0])));
            e.Services.AddSingleton(new OutboundHttp(Try.Local));
        });
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream("Company Name,Company Domain\nAcme,acme.com\nNobody,nobody.example\nNameless,\n"u8.ToArray()), "apollo_scrape");

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        var states = await client.StatesAsync(batch.Id).OrderBy(state => state.Item).ToListAsync();
        Assert.Equal([Status.Completed, Status.Completed, Status.Skipped], states.Select(state => state.Status));
        var request = vendor.Requests.Single(sent => sent.Target == "/v1/companies/acme.com");
        Assert.Equal(("POST", """{"name":"Acme","source":"row of Acme"}""", "Bearer the key"), (request.Method, request.Body, request.Headers["Authorization"]));
        Assert.Matches("^[0-9a-f]{32}$", request.Headers["Idempotency-Key"]);
        Assert.Equal(2, vendor.Requests.Count);
    }

    [Fact]
    public async Task The_example_that_delivers_later_sends_and_receives()
    {
        await using var vendor = Try.Vendor(202, """{"job":"j1"}""");
        var options = Try.Options<HttpCallbackOptions>(At(vendor, Examples[1]));
        var step = new AcmePersonStep(Http());

        var sent = await step.ExecuteAsync(Try.Context(options, ("person.linkedin_url", "in/jane")), default);
        var received = step.Receive(Try.Sent(options, "j1"), Delivery("""{"status":"completed","person":{"email":"jane@acme.com"}}"""));

        Assert.Equal((StepOutcomeKind.AwaitingCallback, "j1"), (sent.Kind, sent.Reference));
        Assert.Equal("""{"person.email":"jane@acme.com"}""", Try.Result(received));
        Assert.IsType<CallbackAuthentication.Hmac>(step.Authentication(options));
    }

    [Fact]
    public async Task The_example_that_is_polled_sends_and_polls()
    {
        await using var vendor = Try.Vendor(exchange => exchange.JsonAsync(200, """{"id":"r1"}"""), exchange => exchange.JsonAsync(200, """{"status":"succeeded","output":{"summary":"Anvils."}}"""));
        var options = Try.Options<HttpPollOptions>(At(vendor, Examples[2]));
        var step = new AcmeResearchStep(Http());

        var sent = await step.ExecuteAsync(Try.Context(options, ("company.domain", "acme.com")), default);
        var polled = await step.PollAsync(Try.Sent(options, sent.Reference), default);

        Assert.Equal("""{"company.summary":"Anvils."}""", Try.Result(polled));
        Assert.Equal("/v1/research/r1", vendor.Requests[1].Target);
    }

    [Fact]
    public async Task The_engine_takes_in_a_signed_delivery_that_comes_before_the_call_has_returned()
    {
        CallbackIntake? intake = null;
        var answers = new List<DeliveryAnswer>();
        await using var vendor = new LocalServer(async exchange =>
        {
            var webhook = new Uri(JsonElement.Parse(exchange.Request.Body).GetProperty("webhook").GetString()!);
            var body = """{"status":"completed","person":{"email":"jane@acme.com"}}"""u8.ToArray();
            var signature = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("the key"u8, body))}";
            foreach (var header in new[] { "sha256=00", signature })
            {
                answers.Add(await intake!.ReceiveAsync(webhook.Segments[^1], [new("Acme-Signature", header)], body, default));
            }

            await exchange.JsonAsync(202, """{"job":"j1"}""");
        });
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new OutboundHttp(Try.Local));
        builder.Services.AddEnrichment(e => e
            .UseSqlite(":memory:")
            .UseSecrets(_ => "the key")
            .ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
            .AddStep<AcmePersonStep>()
            .AddPipeline(PipelineDefinition.Parse($$"""{ "name": "leads", "stages": [ { "step": "acme.person", "options": {{At(vendor, Examples[1])}} } ] }""")));
        using var host = builder.Build();
        intake = host.Services.GetRequiredService<CallbackIntake>();
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream("Company Name,Person LinkedIn URL\nAcme,in/jane\n"u8.ToArray()), "apollo_scrape");

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        Assert.Equal([DeliveryAnswer.Refused, DeliveryAnswer.Stored], answers);
        Assert.Equal(Status.Completed, (await client.StatesAsync(batch.Id).SingleAsync()).Status);
        Assert.Single(vendor.Requests);
    }

    [Fact]
    public async Task The_engine_polls_until_the_work_is_done()
    {
        var polls = 0;
        await using var vendor = new LocalServer(exchange => exchange.Request.Method == "POST"
            ? exchange.JsonAsync(202, """{"id":"r1","status":"queued"}""")
            : Interlocked.Increment(ref polls) < 3 ? exchange.JsonAsync(503, "{}") : exchange.JsonAsync(200, """{"status":"succeeded","output":{"summary":"Anvils."}}"""));
        var settings = At(vendor, Examples[2]).Replace("\"intervalSeconds\": 10", "\"intervalSeconds\": 0.01", StringComparison.Ordinal);
        await using var engine = EnrichmentEngine.Create(e =>
        {
            e.UseSqlite(":memory:")
                .UseSecrets(_ => "the key")
                .AddStep<AcmeResearchStep>()
                .AddPipeline(PipelineDefinition.Parse($$"""{ "name": "leads", "stages": [ { "step": "acme.research", "options": {{settings}} } ] }"""))
                .ConfigureWorker(new WorkerOptions { CommitDelay = TimeSpan.Zero, PollInterval = TimeSpan.FromMilliseconds(10), SweepInterval = TimeSpan.FromMilliseconds(50) });
            e.Services.AddSingleton(new OutboundHttp(Try.Local));
        });
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream("Company Name,Company Domain\nAcme,acme.com\n"u8.ToArray()), "apollo_scrape");

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        Assert.Equal(Status.Completed, (await client.StatesAsync(batch.Id).SingleAsync()).Status);
        Assert.Single(vendor.Requests, request => request.Method == "POST");
        Assert.Equal(3, polls);
    }

    [Fact]
    public async Task The_example_for_many_at_once_finds_each_answer()
    {
        await using var vendor = Try.Vendor(200, $$"""{"data":[{"ref":"{{Try.Key}}","result":{"status":"valid" } }]}""");
        var options = Try.Options<HttpBulkOptions>(At(vendor, Examples[3]));

        var outcomes = await new AcmeVerifyStep(Http()).ExecuteAsync([Try.Context(options, ("person.email", "jane@acme.com"))], default);

        Assert.Equal("""{"person.email_status":"valid"}""", Try.Result(Assert.Single(outcomes).Value));
    }

    [Fact]
    public async Task The_engine_sends_many_with_one_call()
    {
        await using var vendor = new LocalServer(exchange =>
        {
            var asked = JsonElement.Parse(exchange.Request.Body).GetProperty("records").EnumerateArray();
            return exchange.JsonAsync(200, JsonSerializer.Serialize(new { data = asked.Select(item => new { @ref = item.GetProperty("ref").GetString(), result = new { status = "valid" } }) }));
        });
        await using var engine = EnrichmentEngine.Create(e =>
        {
            e.UseSqlite(":memory:")
                .UseSecrets(_ => "the key")
                .AddStep<AcmeVerifyStep>()
                .AddPipeline(PipelineDefinition.Parse($$"""{ "name": "leads", "stages": [ { "step": "acme.verify", "options": {{At(vendor, Examples[3])}} } ] }"""));
            e.Services.AddSingleton(new OutboundHttp(Try.Local));
        });
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var csv = "Company Name,Email\n" + string.Concat(Enumerable.Range(0, 250).Select(i => $"Acme,jane{i}@acme.com\n"));
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "apollo_scrape");

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        Assert.All(await client.StatesAsync(batch.Id).ToListAsync(), state => Assert.Equal(Status.Completed, state.Status));
        Assert.InRange(vendor.Requests.Count, 3, 30);
    }

    [Fact]
    public void A_host_registers_a_way_out_of_its_own()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new OutboundHttp(new() { Allow = ["vendor.internal", "10.1.0.0/16"] }));
        using var host = builder.Build();

        Assert.NotSame(OutboundHttp.Default, host.Services.GetRequiredService<OutboundHttp>());
    }

    private static string At(LocalServer vendor, string example) => example.Replace("https://api.acme.example", vendor.Url, StringComparison.Ordinal);

    private static CallbackDelivery Delivery(string body) => new(new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body), DateTimeOffset.UnixEpoch);

    private static OutboundHttp Http() => new(Try.Local);

    [GeneratedRegex(@"^```json\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();
}
