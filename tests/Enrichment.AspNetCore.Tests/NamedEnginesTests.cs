using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Enrichment.Hosting;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>Engines of one host share its web server, its log and its clock, and nothing else.</summary>
public sealed class NamedEnginesTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Measurements heard = new();
    private readonly ConcurrentDictionary<string, StepContext> sent = new();
    private readonly List<string> ended = [];

    [Fact]
    public async Task Nothing_leaks_between_two_engines_of_one_host_on_two_stores()
    {
        await using var app = Build();
        app.MapEnrichmentCallbacks("/eu/callbacks", engine: "eu");
        app.MapEnrichmentCallbacks("/us/callbacks", engine: "us");
        await app.StartAsync();
        var (eu, us) = (Engine(app, "eu"), Engine(app, "us"));
        Assert.NotSame(eu, us);

        // Steps, definitions and options are each engine's own.
        var (euUpload, usUpload) = (await eu.Client("acme").StageAsync("Company Name\nAcme\n"), await us.Client("acme").StageAsync("Company Name\nGlobex\n"));
        var unknown = await Assert.ThrowsAsync<EnrichmentException>(() => us.Client("acme").LaunchAsync(usUpload.Id, new() { Pipeline = "european" }));
        Assert.Contains("There is no pipeline 'european'. Known: american.", unknown.Message, StringComparison.Ordinal);
        Assert.Equal(["vendor.signed"], Catalogue(app, "eu"));
        Assert.Equal(["vendor.unsigned"], Catalogue(app, "us"));
        Assert.Equal((7, 9, 1000), (Calls(app, "eu"), Calls(app, "us"), Calls(app, null)));

        // Each worker works on its own store; each receiver knows its own tokens only.
        var european = await eu.Client("acme").LaunchAsync(euUpload.Id, new() { Pipeline = "european" });
        var american = await us.Client("acme").LaunchAsync(usUpload.Id, new() { Pipeline = "american" });
        await Wait.UntilAsync(() => sent.Count == 2);
        using var http = new HttpClient { BaseAddress = Address(app) };
        Assert.Equal(HttpStatusCode.Unauthorized, await DeliverAsync(http, "us", sent["Acme"]));
        Assert.Equal(HttpStatusCode.Unauthorized, await DeliverAsync(http, "eu", sent["Globex"]));
        Assert.Equal(HttpStatusCode.Accepted, await DeliverAsync(http, "eu", sent["Acme"]));
        Assert.Equal(HttpStatusCode.Accepted, await DeliverAsync(http, "us", sent["Globex"]));
        Assert.Equal(BatchStatus.Completed, (await eu.Client("acme").EndOfAsync(european)).Status);
        Assert.Equal(BatchStatus.Completed, (await us.Client("acme").EndOfAsync(american)).Status);
        Assert.Equal(european.Id, (await eu.Client("acme").ListBatchesAsync().SingleAsync()).Id);
        Assert.Equal(american.Id, (await us.Client("acme").ListBatchesAsync().SingleAsync()).Id);
        await Wait.UntilAsync(() => ended.Count == 1);
        Assert.Equal([$"eu {european.Id}"], ended);

        // The engine without a name has no worker and no tables: that is told of it alone.
        var health = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(
            [
                "enrichment-backlog Degraded",
                "enrichment-eu-backlog Healthy",
                "enrichment-eu-schema Healthy",
                "enrichment-eu-store Healthy",
                "enrichment-eu-worker Healthy",
                "enrichment-schema Unhealthy",
                "enrichment-store Healthy",
                "enrichment-us-backlog Healthy",
                "enrichment-us-schema Healthy",
                "enrichment-us-store Healthy",
                "enrichment-us-worker Healthy",
                "enrichment-worker Healthy",
            ],
            health.Entries.Select(entry => $"{entry.Key} {entry.Value.Status}").Order(StringComparer.Ordinal));
        Assert.Equal(
            """
            engine=eu step=vendor.signed provider=vendor outcome=completed: 1
            engine=us step=vendor.unsigned provider=vendor outcome=completed: 1
            """,
            heard.Sums("enrichment.items.settled"));
        await app.StopAsync();
    }

    [Fact]
    public async Task An_engine_that_is_not_there_is_named_with_those_that_are()
    {
        await using var app = Build();

        var misspelt = Assert.Throws<InvalidOperationException>(() => app.MapEnrichmentCallbacks(engine: "uss"));
        Assert.Equal(
            """MapEnrichmentCallbacks asks for the engine 'uss', which is not there. Engines with a name: eu, us. Did you mean 'us'? Name one of them, or add it: builder.Services.AddEnrichment("uss", …).""",
            misspelt.Message);
        Assert.StartsWith(
            "MapEnrichmentTick asks for",
            Assert.Throws<InvalidOperationException>(() => app.MapEnrichmentTick("operators", engine: "asia")).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "MapEnrichmentWorkers asks for",
            Assert.Throws<InvalidOperationException>(() => app.MapEnrichmentWorkers("machines", _ => WorkerScope.Everything, engine: "asia")).Message,
            StringComparison.Ordinal);

        await using var named = new ServiceCollection().AddLogging().AddEnrichment("eu", e => e.UseSqlite(":memory:")).AddHealthChecks().AddEnrichmentHealthChecks().Services
            .BuildServiceProvider();
        var checks = named.GetRequiredService<HealthCheckService>();
        var unnamed = await Assert.ThrowsAsync<InvalidOperationException>(() => checks.CheckHealthAsync());
        Assert.StartsWith("AddEnrichmentHealthChecks asks for the engine without a name, which is not there. Engines with a name: eu.", unnamed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_given_once_and_is_none_of_the_configurations_sections()
    {
        var services = new ServiceCollection().AddEnrichment(e => e.UseSqlite(":memory:")).AddEnrichment("eu", e => e.UseSqlite(":memory:"));

        Assert.Equal(
            "AddEnrichment was called twice with the name 'eu'. Describe the whole engine in one call, or give the second engine another name.",
            Assert.Throws<InvalidOperationException>(() => services.AddEnrichment("eu", e => e.UseSqlite(":memory:"))).Message);
        Assert.Equal(
            "AddEnrichment was called twice. Describe the whole engine in one call. A second engine needs a name: AddEnrichment(\"name\", …).",
            Assert.Throws<InvalidOperationException>(() => services.AddEnrichment(e => e.UseSqlite(":memory:"))).Message);
        Assert.Throws<EnrichmentException>(() => services.AddEnrichment("worker", e => e.UseSqlite(":memory:")));
        Assert.Throws<EnrichmentException>(() => services.AddEnrichment("EU west", e => e.UseSqlite(":memory:")));
    }

    [Fact]
    public async Task A_start_that_fails_names_the_engine_and_the_key_of_its_section()
    {
        await using var app = Build(("Enrichment:us:Worker:MaxConcurrentCalls", "0"));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => app.StartAsync());

        Assert.Contains("The engine 'us' cannot start: 1 problem.", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Enrichment:us:Worker:MaxConcurrentCalls: expected 1 to 10000, got 0.", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => heard.Dispose();

    private WebApplication Build(params (string Key, string Value)[] configured)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Enrichment:eu:Worker:MaxConcurrentCalls"] = "7",
            ["Enrichment:us:Worker:MaxConcurrentCalls"] = "9",
        });
        builder.Configuration.AddInMemoryCollection(configured.ToDictionary(pair => pair.Key, pair => (string?)pair.Value));
        builder.Services.AddSingleton<IMeterFactory>(heard);
        var settings = builder.Configuration;
        var europeanDatabase = ":memory:";
        var americanDatabase = database.ConnectionString;
        builder.Services.AddEnrichment("eu", e => e
            .UseSqlite(europeanDatabase)
            .AddStep<VendorStep>()
            .AddPipeline("european", p => p.Step("vendor.signed", s => s.Options(Script())))
            .OnBatchEnded((batch, _, _) =>
            {
                ended.Add($"eu {batch.Id}");
                return Task.CompletedTask;
            })
            .Configure(settings.GetSection("Enrichment:eu"))
            .AddWorker(TestEngine.Quick));
        builder.Services.AddEnrichment("us", e => e
            .UsePostgreSql(americanDatabase)
            .AddStep<UnsignedStep>()
            .AddPipeline("american", p => p.Step("vendor.unsigned", s => s.Options(Script())))
            .Configure(settings.GetSection("Enrichment:us"))
            .AddWorker(TestEngine.Quick));
        builder.Services.AddEnrichment(e => e.UseSqlite(":memory:").Configure(settings.GetSection("Enrichment")));
        builder.Services.AddHealthChecks()
            .AddEnrichmentHealthChecks()
            .AddEnrichmentHealthChecks("eu")
            .AddEnrichmentHealthChecks("us");
        return builder.Build();

        object Script() => VendorStep.Script(context => sent[context.Name()] = context);
    }

    private static EnrichmentEngine Engine(WebApplication app, string name) => app.Services.GetRequiredKeyedService<EnrichmentEngine>(name);

    private static IEnumerable<string> Catalogue(WebApplication app, string name) =>
        EngineName.Get<Providers.StepCatalogue>(app.Services, name).Manifests.Select(manifest => manifest.Slug);

    private static int Calls(WebApplication app, string? name) => EngineName.Get<WorkerOptions>(app.Services, name).MaxConcurrentCalls;

    private static Uri Address(WebApplication app) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private static async Task<HttpStatusCode> DeliverAsync(HttpClient http, string engine, StepContext context)
    {
        using var request = Signed.Request(new(http.BaseAddress!, $"/{engine}/callbacks/{context.CallbackToken}"), Signed.Answer("yes"));
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }
}
