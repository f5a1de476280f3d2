using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Enrichment.AspNetCore;
using Enrichment.Pipelines;
using Enrichment.Providers.Http.Tests.Declared;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Providers.Http.Tests.Vendors;

/// <summary>
/// A document whose answers are about companies, and a vendor that answers at once, is asked until it is done, or calls back: each company
/// is asked for once.
/// </summary>
public sealed class EntityTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    // Each company as several lists spell it; of one the vendor knows nothing.
    private const string People = """
        Company Name,Company Domain,First Name
        Acme,acme.com,Ann
        Acme,www.acme.com,Bob
        Acme Inc,https://acme.com/about,Eve
        Globex,globex.com,Ada
        Globex,GLOBEX.COM,Joe
        Nobody,nobody.com,Kim
        Nobody,www.nobody.com,Lee

        """;

    private static readonly string[] Companies = ["acme", "globex", "nobody"];

    private readonly string schema = $"e_{Guid.NewGuid():n}";
    private readonly ConcurrentQueue<string> asked = [];
    private readonly ConcurrentDictionary<string, int> polls = [];
    private Uri? host;

    [Theory]
    [InlineData("sqlite", "call")]
    [InlineData("postgres", "call")]
    [InlineData("sqlite", "poll")]
    [InlineData("postgres", "poll")]
    [InlineData("sqlite", "callback")]
    [InlineData("postgres", "callback")]
    [InlineData("sqlite", "bulk")]
    public async Task Each_company_is_asked_for_once_and_by_a_later_batch_not_at_all(string store, string kind)
    {
        await using var vendor = new LocalServer(AnswerAsync);
        await using var app = await StartAsync(store, Document(vendor, kind), TimeProvider.System);
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();

        var batch = await RunAsync(engine, People);

        Assert.Equal(Companies, asked.Order());
        Assert.Equal(["3", "3", "3", "3", "3", "null", "null"], await SizesAsync(engine, batch));
        Assert.Equal([new(1, 7, 4, null)], await engine.Client("acme").ListSavingsAsync(batch.Id));

        var later = await RunAsync(engine, People.Replace("Ann", "Zoe", StringComparison.Ordinal));

        Assert.Equal(3, asked.Count);
        Assert.Equal(await SizesAsync(engine, batch), await SizesAsync(engine, later));
        Assert.All(
            await engine.Client("acme").ReadResultsAsync(later.Id).ToListAsync(),
            result => Assert.Equal(result.Item < 6 ? StepOutcomeKind.Completed : StepOutcomeKind.NotFound, result.Kind));
    }

    [Fact]
    public async Task Answers_serve_for_as_long_as_the_document_says()
    {
        var clock = new FakeClock();
        await using var vendor = new LocalServer(AnswerAsync);
        await using var app = await StartAsync(
            "sqlite",
            Document(vendor, "call", """, "freshDays": 10, "freshNotFoundDays": 1.5"""),
            clock);
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();
        await RunAsync(engine, People);

        clock.Advance(TimeSpan.FromDays(1));
        await RunAsync(engine, People);
        Assert.Equal(3, asked.Count);

        clock.Advance(TimeSpan.FromDays(1));
        await RunAsync(engine, People);
        Assert.Equal(["nobody"], asked.Skip(3));

        clock.Advance(TimeSpan.FromDays(9));
        await RunAsync(engine, People);
        Assert.Equal(Companies, asked.Skip(4).Order());
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(""", "callsWithoutKey": true""", 3)]
    public async Task Items_without_a_key_are_skipped_or_call_for_themselves_as_the_document_says(string more, int calls)
    {
        await using var vendor = new LocalServer(AnswerAsync);
        await using var app = await StartAsync("sqlite", Document(vendor, "call", more), TimeProvider.System);
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();

        var batch = await RunAsync(engine, "Company Name,Company Domain\nAcme,acme.com\nAnn,gmail.com\nBob,gmail.com\n");

        Assert.Equal(calls, asked.Count);
        Assert.Equal(
            calls == 1 ? Status.Skipped : Status.Completed,
            (await engine.Client("acme").ReadStatesAsync(batch.Id).ToListAsync()).Single(state => state.Item == 2).Status);
    }

    [Fact]
    public async Task A_document_says_whether_clients_may_share_and_each_client_whether_it_does()
    {
        static ClientDefinition Sharing(string slug) =>
            ClientDefinition.Parse($$$"""{ "slug": "{{{slug}}}", "steps": { "acme.company": { "$entity": { "scope": "shared" } } } }""");
        await using var vendor = new LocalServer(AnswerAsync);
        await using var app = await StartAsync(
            "sqlite",
            Document(vendor, "call", """, "mayBeShared": true"""),
            TimeProvider.System,
            e => e.AddClient(Sharing("globex")).AddClient(Sharing("initech")));
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();

        await RunAsync(engine, People, "globex");
        await RunAsync(engine, People, "initech");
        Assert.Equal(7, asked.Count); // Between clients only calls that are told the same, letter by letter, are one.

        await RunAsync(engine, People);
        Assert.Equal(10, asked.Count);
    }

    private static StepDescriptor Document(LocalServer vendor, string kind, string more = "") =>
        HttpVendors.Parse(
            Encoding.UTF8.GetBytes(
                """
                {
                  "step": "acme.company", "version": "1.0.0", "kind": "KIND",
                  "reads": ["company.domain", "company.name"], "produces": ["company.employee_count"],
                  "entity": { "kind": "company", "keys": ["company.domain"]MORE },
                  "options": { "request": { "url": "URL/KIND", "body": BODY }, OPTIONS "answer": { "found": "/data", "fields": { "company.employee_count": "/data/size" } } }
                }
                """.Replace("MORE", more, StringComparison.Ordinal).Replace("BODY", Body(kind), StringComparison.Ordinal).Replace(
                    "OPTIONS",
                    Options(kind),
                    StringComparison.Ordinal).Replace("KIND", kind, StringComparison.Ordinal).Replace("URL", vendor.Url, StringComparison.Ordinal)),
            "acme.company.json");

    private static string Body(string kind) => kind switch
    {
        "callback" => """{ "domain": "{{company.domain}}", "webhook": "{{callback_url}}" }""",
        "bulk" => """{ "items": "{{items}}" }""",
        _ => """{ "domain": "{{company.domain}}", "name": "{{company.name?}}" }""",
    };

    private static string Options(string kind) =>
        kind switch
        {
            "poll" =>
                """ "poll": { "url": "URL/jobs/{{reference}}", "reference": "/job", "progress": { "status": "/status", "done": ["done"] }, "notFound": [404], "intervalSeconds": 0.01 }, """,
            "callback" => """ "callback": { "signature": "Bearer", "reference": "/job" }, "callbackSecret": "secret:ACME", """,
            "bulk" =>
                """ "bulk": { "item": { "domain": "{{company.domain}}" }, "answers": "/answers", "key": "/domain", "match": "{{company.domain}}" }, """,
            _ => "",
        };

    private static async Task<Batch> RunAsync(EnrichmentEngine engine, string csv, string client = "acme")
    {
        var batch = await engine.RunAsync(csv, "people", client: client);
        Assert.Equal(BatchStatus.Completed, batch.Status);
        return batch;
    }

    private static async Task<List<string>> SizesAsync(EnrichmentEngine engine, Batch batch) =>
        await engine
            .Client("acme")
            .ReadResultsAsync(batch.Id)
            .OrderBy(result => result.Item)
            .Select(result =>
                JsonElement.Parse(result.Data.Span).TryGetProperty("company.employee_count", out var size) ? size.GetRawText() : "null")
            .ToListAsync();

    /// <summary>What the vendor says of a company: it has as many people as lists know of Acme.</summary>
    private static string Answer(string company) => company == "nobody" ? """{"data":null}""" : """{"data":{"size":3}}""";

    private async Task AnswerAsync(Exchange exchange)
    {
        var path = exchange.Request.Target.Split('/');
        if (path[1] == "jobs")
        {
            await (polls.AddOrUpdate(path[2], 1, (_, count) => count + 1) < 2 ? exchange.JsonAsync(200, """{"status":"running"}""")
                : path[2] == "nobody" ? exchange.JsonAsync(404, "{}")
                : exchange.JsonAsync(200, """{"status":"done","data":{"size":3}}"""));
            return;
        }

        var body = JsonElement.Parse(exchange.Request.Body);
        if (path[1] == "bulk")
        {
            var answers = body.GetProperty("items")
                .EnumerateArray()
                .Select(item => $$"""{"domain":{{item.GetProperty("domain").GetRawText()}},{{Answer(EntityRequest(item))[1..]}}""");
            await exchange.JsonAsync(200, $$"""{"answers":[{{string.Join(',', answers)}}]}""");
            return;
        }

        var company = EntityRequest(body);
        await (
            path[1] == "call"
                ? company == "nobody"
                    ? exchange.JsonAsync(404, "{}")
                    : exchange.JsonAsync(200, Answer(company))
                : exchange.JsonAsync(202, $$"""{"job":"{{company}}"}"""));
        if (path[1] == "callback")
        {
            await DeliverAsync(body.GetProperty("webhook").GetString()!, Answer(company));
        }
    }

    private string EntityRequest(JsonElement item)
    {
        var company = item.GetProperty("domain")
            .GetString()!
            .ToLowerInvariant()
            .Replace("https://", "", StringComparison.Ordinal)
            .Replace("www.", "", StringComparison.Ordinal)
            .Split('.')[0];
        asked.Enqueue(company);
        return company;
    }

    /// <summary>As a proxy would bring it from the public address to this host.</summary>
    private async Task DeliverAsync(string webhook, string answer)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host!, new Uri(webhook).AbsolutePath));
        request.Content = new StringContent(answer, Encoding.UTF8, "application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "the ACME");
        using var taken = await http.SendAsync(request);
        Assert.True(taken.IsSuccessStatusCode, $"{taken.StatusCode}");
    }

    private async Task<WebApplication> StartAsync(
        string store,
        StepDescriptor vendor,
        TimeProvider time,
        Action<EnrichmentBuilder>? more = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton(new OutboundHttp(Try.Local));
        builder.Services.AddEnrichment(e =>
        {
            _ =
                store == "postgres"
                    ? e.UsePostgreSql(database.ConnectionString, new() { Clock = time, Schema = schema })
                    : e.UseSqlite(":memory:", new() { Clock = time });
            e.UseSecrets(asked => $"the {asked.Name}")
                .AddSteps([vendor])
                .AddPipeline("people", p => p.Step("acme.company"))
                .ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
                .ConfigureWorker(TestEngine.Quick);
            more?.Invoke(e);
        });
        var app = builder.Build();
        app.MapEnrichmentCallbacks();
        await app.StartAsync();
        host = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        await app.Services.GetRequiredService<EnrichmentEngine>().MigrateAsync();
        return app;
    }
}
