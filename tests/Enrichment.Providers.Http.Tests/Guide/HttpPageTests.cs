using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Enrichment.Callbacks;
using Enrichment.Pipelines;
using Enrichment.Providers.Http.Tests.Declared;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment.Providers.Http.Tests.Guide;

/// <summary>What docs/guide/http.md shows, run as it stands there, with a vendor on the loopback in the place of Acme.</summary>
public sealed partial class HttpPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs", "guide", "http.md"))
        .ReplaceLineEndings("\n");
    private static readonly string[] Examples = [.. Json().Matches(Page).Select(match => match.Groups["json"].Value)];

    [Fact]
    public async Task The_document_and_the_pipeline_over_it_are_run_by_the_engine()
    {
        await using var vendor = new LocalServer(exchange => exchange.Request.Target == "/v1/companies/acme.com"
            ? exchange.JsonAsync(200, """{"data":{"size":42,"industries":["Anvils"]},"credits":1.5}""")
            : exchange.JsonAsync(200, """{"data":null}"""));
        await using var engine = Engine(
            Vendor(vendor, Examples[0]),
            e =>
                e.AddPipeline(PipelineDefinition.Parse(Examples[1]))
                    .AddClient(
                        ClientDefinition.Create("acme", c => c.Step("acme.company", new { credential = "secret:KEY-OF-THE-CLIENT" }))));

        var states = await RunAsync(engine, "Company Name,Company Domain\nAcme,acme.com\nNobody,nobody.example\nNameless,\n", "leads");

        Assert.Equal([Status.Completed, Status.Completed, Status.Skipped], states.Select(state => state.Status));
        var request = vendor.Requests.Single(sent => sent.Target == "/v1/companies/acme.com");
        Assert.Equal(
            ("POST", """{"name":"Acme","source":"row of Acme"}""", "Bearer the KEY-OF-THE-CLIENT"),
            (request.Method, request.Body, request.Headers["Authorization"]));
        Assert.Equal("leads", request.Headers["Acme-Team"]);
        Assert.Matches("^[0-9a-f]{32}$", request.Headers["Idempotency-Key"]);
        Assert.Equal(2, vendor.Requests.Count);
    }

    [Fact]
    public async Task A_class_of_one_line_takes_the_same_options()
    {
        await using var vendor = Try.Vendor(200, """{"data":{"size":42,"industries":["Anvils"]}}""");
        var options = Try.Options<HttpCallOptions>(JsonElement.Parse(At(vendor, Examples[0])).GetProperty("options").GetRawText());

        var answer = await Testing
            .StepHarness.For(new AcmeCompanyStep(new(Try.Local)))
            .With("company.domain", "acme.com")
            .WithColumn("Company Name", "Acme")
            .WithOptions(options)
            .RunAsync();

        Assert.Equal("42", answer.Text("company.employee_count"));
    }

    [Fact]
    public void The_errors_of_the_page_are_those_that_are_told()
    {
        var wrong = Examples[0].Replace("\"method\": \"POST\"", "\"methd\": \"POST\"", StringComparison.Ordinal);
        var undeclared = Examples[0].Replace("{{company.domain}}", "{{company.website}}", StringComparison.Ordinal);

        Assert.All(
            new[] { wrong, undeclared },
            document =>
            {
                var error = Assert.Throws<FormatException>(() =>
                    HttpVendors.Parse(Encoding.UTF8.GetBytes(document), "vendors/acme.company.json"));
                Assert.Contains(error.Message.Split(Environment.NewLine)[1] + "\n", Page, StringComparison.Ordinal);
            });
    }

    [Fact]
    public async Task A_host_reads_the_folder_and_works()
    {
        await using var vendor = Try.Vendor(200, """{"data":{"size":42,"industries":["Anvils"]}}""");
        var database = Path.Combine(Directory.CreateTempSubdirectory("vendors-").FullName, "leads.db");
        Directory.CreateDirectory("vendors");
        await File.WriteAllTextAsync("vendors/acme.company.json", At(vendor, Examples[0]));
        await File.WriteAllTextAsync("leads.json", Examples[1]);
        Environment.SetEnvironmentVariable("ENRICHMENT_SECRET_ACME_KEY", "the key");
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new OutboundHttp(Try.Local));
        builder.Services.AddEnrichment(e => e
            .UseSqlite(database)
            .AddSteps(HttpVendors.Load("vendors"))
            .AddPipeline(PipelineDefinition.Load("leads.json"))
            .AddWorker());
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<EnrichmentEngine>().Client("acme");
        var upload = await client.UploadAsync(
            new MemoryStream("Company Name,Company Domain\nAcme,acme.com\n"u8.ToArray()),
            "apollo_scrape");
        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        var last = await client.WatchAsync(batch.Id, TimeSpan.FromMilliseconds(20)).LastAsync();
        await host.StopAsync();

        Assert.Equal(0, last.Failed);
        Assert.Equal("Bearer the key", Assert.Single(vendor.Requests).Headers["Authorization"]);
    }

    [Fact]
    public async Task The_engine_takes_in_a_signed_delivery_that_comes_before_the_call_has_returned()
    {
        CallbackReceiver? intake = null;
        var answers = new List<DeliveryAnswer>();
        await using var vendor = new LocalServer(async exchange =>
        {
            var webhook = new Uri(JsonElement.Parse(exchange.Request.Body).GetProperty("webhook").GetString()!);
            var body = """{"status":"completed","person":{"email":"jane@acme.com"}}"""u8.ToArray();
            var signature = $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("the ACME_WEBHOOK"u8, body))}";
            foreach (var header in new[] { "sha256=00", signature })
            {
                answers.Add(
                    await intake!.ReceiveAsync(webhook.Segments[^1], [new("Acme-Signature", header)], PipeReader.Create(new(body)), default));
            }

            await exchange.JsonAsync(202, """{"job":"j1"}""");
        });
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEnrichment(e =>
            Describe(e, Vendor(vendor, Examples[2])).ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
        );
        using var host = builder.Build();
        intake = host.Services.GetRequiredService<CallbackReceiver>();
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();

        var states = await RunAsync(engine, "Company Name,Person LinkedIn URL\nAcme,in/jane\n");

        Assert.Equal([DeliveryAnswer.Refused, DeliveryAnswer.Stored], answers);
        Assert.Equal(Status.Completed, Assert.Single(states).Status);
        Assert.Single(vendor.Requests);
    }

    [Fact]
    public async Task A_delivery_that_cannot_be_read_leaves_the_item_to_the_one_that_follows()
    {
        CallbackReceiver? intake = null;
        await using var vendor = new LocalServer(async exchange =>
        {
            var webhook = new Uri(JsonElement.Parse(exchange.Request.Body).GetProperty("webhook").GetString()!);
            foreach (
                var body in new[] { "<html>Bad gateway</html>", """{"status":"completed","person":{"email":"jane@acme.com"}}""" }.Select(
                    Encoding.UTF8.GetBytes))
            {
                await intake!.ReceiveAsync(
                    webhook.Segments[^1],
                    [new("Acme-Signature", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData("the ACME_WEBHOOK"u8, body))}")],
                    PipeReader.Create(new(body)),
                    default);
            }

            await exchange.JsonAsync(202, """{"job":"j1"}""");
        });
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEnrichment(e =>
            Describe(e, Vendor(vendor, Examples[2])).ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
        );
        using var host = builder.Build();
        intake = host.Services.GetRequiredService<CallbackReceiver>();

        var states = await RunAsync(
            host.Services.GetRequiredService<EnrichmentEngine>(),
            "Company Name,Person LinkedIn URL\nAcme,in/jane\n");

        Assert.Equal(Status.Completed, Assert.Single(states).Status);
    }

    [Fact]
    public async Task The_engine_polls_until_the_work_is_done()
    {
        var polls = 0;
        await using var vendor = new LocalServer(exchange =>
            exchange.Request.Method == "POST" ? exchange.JsonAsync(202, """{"id":"r1","status":"queued"}""")
            : Interlocked.Increment(ref polls) < 3 ? exchange.JsonAsync(polls == 1 ? 401 : 404, "{}")
            : exchange.JsonAsync(200, """{"status":"succeeded","output":{"summary":"Anvils."}}"""));
        await using var engine = Engine(
            Vendor(vendor, Examples[3].Replace("\"intervalSeconds\": 10", "\"intervalSeconds\": 0.01", StringComparison.Ordinal)),
            e =>
                e.ConfigureWorker(
                    new WorkerOptions
                    {
                        CommitDelay = TimeSpan.Zero,
                        PollInterval = TimeSpan.FromMilliseconds(10),
                        SweepInterval = TimeSpan.FromMilliseconds(50),
                    }));

        var states = await RunAsync(engine, "Company Name,Company Domain\nAcme,acme.com\n");

        Assert.Equal(Status.Completed, Assert.Single(states).Status);
        Assert.Single(vendor.Requests, request => request.Method == "POST");
        Assert.Equal(3, polls);
    }

    [Fact]
    public async Task The_engine_puts_up_for_review_at_once_what_nobody_can_fetch()
    {
        await using var vendor = Try.Vendor(202, """{"job":"r1","status":"queued"}""");
        await using var engine = Engine(Vendor(vendor, Examples[3]));

        var state = Assert.Single(await RunAsync(engine, "Company Name,Company Domain\nAcme,acme.com\n"));

        Assert.Equal((Status.Failed, ErrorClass.OutcomeUnknown), (state.Status, state.ErrorClass));
        Assert.StartsWith("The vendor took the call, but its answer has no reference at '/id'.", state.Error, StringComparison.Ordinal);
        Assert.Single(vendor.Requests);
    }

    [Fact]
    public async Task The_engine_sends_many_with_one_call()
    {
        await using var vendor = new LocalServer(exchange =>
        {
            var asked = JsonElement.Parse(exchange.Request.Body).GetProperty("records").EnumerateArray();
            return exchange.JsonAsync(
                200,
                JsonSerializer.Serialize(
                    new
                    {
                        data = asked.Select(item => new { @ref = item.GetProperty("ref").GetString(), result = new { status = "valid" } }),
                    }));
        });
        await using var engine = Engine(Vendor(vendor, Examples[4]));

        var states = await RunAsync(
            engine,
            "Company Name,Email\n" + string.Concat(Enumerable.Range(0, 250).Select(i => $"Acme,jane{i}@acme.com\n")));

        Assert.All(states, state => Assert.Equal(Status.Completed, state.Status));
        Assert.InRange(vendor.Requests.Count, 3, 30);
    }

    [Fact]
    public async Task The_engine_asks_once_for_each_company()
    {
        await using var vendor = Try.Vendor(200, """{"data":{"employees":42}}""");
        await using var engine = Engine(Vendor(vendor, Examples[5]));

        var states = await RunAsync(engine, "Company Name,Company Domain\nAcme,acme.com\nAcme Inc,https://www.acme.com/about\nNameless,\n");

        Assert.Equal([Status.Completed, Status.Completed, Status.Skipped], states.Select(state => state.Status));
        Assert.Single(vendor.Requests);
    }

    [Fact]
    public void A_host_registers_a_way_out_of_its_own()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new OutboundHttp(new() { Allow = ["vendor.internal", "10.1.0.0/16"] }));
        using var host = builder.Build();

        Assert.NotSame(OutboundHttp.Default, host.Services.GetRequiredService<OutboundHttp>());
    }

    private static EnrichmentBuilder Describe(EnrichmentBuilder builder, StepDescriptor vendor)
    {
        builder.Services.AddSingleton(new OutboundHttp(Try.Local));
        return builder
            .UseSqlite(":memory:")
            .UseSecrets(asked => $"the {asked.Name}")
            .AddSteps([vendor])
            .AddPipeline("only", p => p.Step(vendor.Manifest.Slug));
    }

    private static EnrichmentEngine Engine(StepDescriptor vendor, Action<EnrichmentBuilder>? also = null) => EnrichmentEngine.Create(e =>
    {
        Describe(e, vendor);
        also?.Invoke(e);
    });

    private static async Task<IReadOnlyList<ItemState>> RunAsync(EnrichmentEngine engine, string csv, string pipeline = "only")
    {
        await engine.MigrateAsync();
        var batch = await engine.RunAsync(csv, pipeline);
        return await engine.Client("acme").ReadStatesAsync(batch.Id).OrderBy(state => state.Item).ToListAsync();
    }

    private static StepDescriptor Vendor(LocalServer vendor, string example) =>
        HttpVendors.Parse(Encoding.UTF8.GetBytes(At(vendor, example)), "acme.json");

    private static string At(LocalServer vendor, string example) =>
        example.Replace("https://api.acme.example", vendor.Url, StringComparison.Ordinal);

    [GeneratedRegex(@"^```json\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();
}
