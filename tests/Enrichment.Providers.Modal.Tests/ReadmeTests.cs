using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Enrichment.Callbacks;
using Enrichment.Consolidation;
using Enrichment.Pipelines;
using Enrichment.Providers.Http;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment.Providers.Modal.Tests;

/// <summary>What the README of the package shows, with a server on the loopback in the place of Modal.</summary>
public sealed partial class ReadmeTests
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static readonly string[] Examples =
    [
        .. Example()
            .Matches(
                File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "providers", "Enrichment.Providers.Modal", "README.md"))
                    .ReplaceLineEndings("\n"))
            .Select(match => match.Groups["json"].Value),
    ];

    [Fact]
    public async Task The_pipeline_calls_spawns_and_is_called_back_and_later_stages_see_the_fields()
    {
        CallbackReceiver? intake = null;
        var answers = new List<DeliveryAnswer>();
        int gets = 0, polls = 0;
        await using var modal = new LocalServer(async exchange =>
        {
            var request = exchange.Request;
            await (
                (request.Headers.GetValueOrDefault("Modal-Key"), request.Headers.GetValueOrDefault("Modal-Secret")) != ("wk-1", "ws-1")
                    ? exchange.RespondAsync(401, "modal-http: missing credentials for proxy authorization")
                    : (request.Method, request.Target) switch
                    {
                        ("POST", "/call") => exchange.RedirectAsync(303, "/call?__modal_function_call_id=fc-1"),
                        ("GET", "/call?__modal_function_call_id=fc-1") => ++gets < 5
                            ? exchange.RedirectAsync(303, request.Target)
                            : exchange.JsonAsync(200, """{"company.domain":"acme.com"}"""),
                        ("POST", "/spawn") => exchange.JsonAsync(200, """{"call_id":"fc-2"}"""),
                        ("GET", "/poll?call_id=fc-2") => ++polls < 3
                            ? exchange.JsonAsync(202, "{}")
                            : exchange.JsonAsync(200, """{"company.industry":"Anvils"}"""),
                        ("POST", "/callback") => DeliverAsync(exchange),
                        _ => exchange.RespondAsync(404, "modal-http: invalid function call"),
                    });
        });
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton(new OutboundHttp(Tried.Local));
        builder.Services.AddEnrichment(e =>
            e.UseSqlite(":memory:")
                .UseSecrets(asked =>
                    asked.Name switch
                    {
                        "MODAL_KEY" => "wk-1",
                        "MODAL_SECRET" => "ws-1",
                        "MODAL_CALLBACK" => Secret,
                        _ => null,
                    })
                .AddProvider<ModalProvider>()
                .AddPipeline(
                    PipelineDefinition.Parse(
                        At(modal, Examples[0]).Replace("\"intervalSeconds\": 10", "\"intervalSeconds\": 0.01", StringComparison.Ordinal)))
                .AddProjection(
                    Projection.Define(
                        "sized",
                        p =>
                            p.Text("domain", s => s.Field("company.domain"))
                                .Text("industry", s => s.Field("company.industry"))
                                .Integer("employees", s => s.Field("company.employee_count"))))
                .ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
                .ConfigureWorker(
                    new WorkerOptions
                    {
                        CommitDelay = TimeSpan.Zero,
                        PollInterval = TimeSpan.FromMilliseconds(10),
                        SweepInterval = TimeSpan.FromMilliseconds(50),
                    }));
        using var host = builder.Build();
        intake = host.Services.GetRequiredService<CallbackReceiver>();
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream("Company Name\nAcme\n"u8.ToArray()), "apollo_scrape");
        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });

        await engine.RunUntilDrainedAsync().WaitAsync(Wait.Patience); // What is refused waits for a day.

        Assert.All(
            await client.ReadStatesAsync(batch.Id).ToListAsync(),
            state => Assert.True(state.Status == Status.Completed, $"Stage {state.Stage}: {state.Status}, {state.Error}"));
        Assert.Equal([DeliveryAnswer.Refused, DeliveryAnswer.Stored], answers);
        using var table = new MemoryStream();
        await client.Query("sized").ExportAsync(table);
        Assert.Equal("domain,industry,employees\r\nacme.com,Anvils,42\r\n", Encoding.UTF8.GetString(table.ToArray()).TrimStart('\uFEFF'));
        var sent = modal.Requests.Where(request => request.Method == "POST").Select(request => JsonElement.Parse(request.Body)).ToList();
        Assert.Equal(3, sent.Count);
        Assert.Equal(3, sent.Select(body => body.GetProperty("idempotency_key").GetString()).Distinct().Count());
        Assert.Equal(["Acme", "Acme", "Acme"], sent.Select(body => body.GetProperty("record").GetProperty("company.name").GetString()));
        Assert.Equal("acme.com", sent[1].GetProperty("record").GetProperty("company.domain").GetString());
        Assert.Empty(await engine.ExamineAsync());

        async Task DeliverAsync(Exchange exchange)
        {
            var token = new Uri(JsonElement.Parse(exchange.Request.Body).GetProperty("callback_url").GetString()!).Segments[^1];
            var body = """{"status":"done","result":{"company.employee_count":42}}"""u8.ToArray();
            foreach (var secret in new[] { "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Secret })
            {
                answers.Add(await intake!.ReceiveAsync(token, Signed(body, secret), PipeReader.Create(new(body)), default));
            }

            await exchange.JsonAsync(200, """{"call_id":"fc-3"}""");
        }
    }

    [Fact]
    public void The_file_for_the_tool_says_what_the_function_makes()
    {
        var document = HttpVendors.Parse(Encoding.UTF8.GetBytes(Examples[1]), "vendors/acme.size.json").Manifest;
        var made = new ModalFunction
        {
            Step = "acme.size",
            Reads = ["company.domain", "company.name?"],
            Produces = ["company.employee_count", "acme.confidence=/details/confidence"],
            SafeToRepeat = true,
        }.Spawn().Manifest;

        Assert.Equal(Head(made), Head(document));
        var settings = JsonNode.Parse(document.Settings!.Value.GetRawText())!;
        settings["request"]!.AsObject().Remove("url");
        settings["poll"]!.AsObject().Remove("url");
        Tried.AssertJson(made.Settings!.Value.GetRawText(), settings.ToJsonString());
    }

    [Fact]
    public async Task A_launch_without_the_secrets_or_an_address_is_refused_before_anything_is_sent()
    {
        await using var engine = EnrichmentEngine.Create(e =>
            e.UseSqlite(":memory:")
                .UseSecrets(_ => null)
                .AddProvider<ModalProvider>()
                .AddPipeline(PipelineDefinition.Parse(Examples[0]))
                .AddPipeline(
                    "nowhere",
                    p =>
                        p.Step(
                            "modal.call",
                            s =>
                                s.Options(
                                    new
                                    {
                                        request = new
                                        {
                                            headers = new Dictionary<string, string?> { ["Modal-Key"] = null, ["Modal-Secret"] = null },
                                        },
                                    }))));
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream("Company Name\nAcme\n"u8.ToArray()), "apollo_scrape");

        var secrets = await Assert.ThrowsAsync<PreflightException>(() =>
            client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" }));
        var address = await Assert.ThrowsAsync<PreflightException>(() =>
            client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "nowhere" }));

        Assert.All(
            ["MODAL_KEY", "MODAL_SECRET", "MODAL_CALLBACK"],
            name => Assert.Contains($"needs the secret '{name}', which this host does not have.", secrets.Message, StringComparison.Ordinal));
        Assert.Contains("'request.url' is missing", address.Message, StringComparison.OrdinalIgnoreCase);
    }

    private static string Head(StepManifest manifest) => JsonSerializer.Serialize(manifest with { Settings = null });

    private static string At(LocalServer modal, string example) =>
        Address().Replace(example, match => $"{modal.Url}/{match.Groups["endpoint"].Value}");

    private static Dictionary<string, string> Signed(byte[] body, string secret)
    {
        var stamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"msg_1.{stamp}."), .. body];
        return new()
        {
            ["webhook-id"] = "msg_1",
            ["webhook-timestamp"] = stamp,
            ["webhook-signature"] =
                $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed))}",
        };
    }

    [GeneratedRegex(@"^ *```json\n(?<json>.*?)^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"https://acme--enrichment-(?<endpoint>[a-z]+)\.modal\.run")]
    private static partial Regex Address();
}
