using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Enrichment.AspNetCore;
using Enrichment.Providers.Http;
using Enrichment.Providers.Modal;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Interop.Tests;

/// <summary>The Python file that is deployed to Modal, run by Python in a stand-in for Modal, and the engine as its caller.</summary>
public sealed class ModalTests
{
    [Theory]
    [InlineData("modal.call", """{ "request": { "url": "MODAL/call" } }""")]
    [InlineData(
        "modal.spawn",
        """{ "request": { "url": "MODAL/spawn" }, "poll": { "url": "MODAL/poll?call_id={{reference}}", "intervalSeconds": 0.02 } }""")]
    [InlineData("modal.callback", """{ "request": { "url": "MODAL/callback" } }""")]
    public async Task Items_end_as_the_function_finds_does_not_find_or_raises(string step, string settings)
    {
        using var modal = await ModalApp.StartAsync();
        await using var app = await HostAsync(e =>
            e.AddPipeline(
                "modal",
                p => p.Step(step, s => s.Options(JsonElement.Parse(settings.Replace("MODAL", modal.Url, StringComparison.Ordinal))))));
        var engine = app.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var batch = await client.LaunchAsync("Company Name,Email\nGlobex,jane@GLOBEX.com\nNobody,\nInitech,no address\n", "modal");

        await engine.WhileWorkingAsync(() => client.EndOfAsync(batch)); // What is refused waits for a day.
        var states = await client.ReadStatesAsync(batch.Id).OrderBy(state => state.Item).ToListAsync();
        Assert.True(
            states.Select(state => state.Status).SequenceEqual([Status.Completed, Status.Completed, Status.Failed]),
            string.Join(", ", states.Select(state => $"{state.Status}: {state.Error}")));
        Assert.Equal(ErrorClass.Permanent, states[2].ErrorClass);
        var results = await client
            .ReadResultsAsync(batch.Id)
            .OrderBy(result => result.Item)
            .Select(result => Encoding.UTF8.GetString(result.Data.Span))
            .ToListAsync();
        Assert.Contains("\"company.domain\":\"globex.com\"", results[0], StringComparison.Ordinal);
        Assert.Equal("{}", results[1]);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_request_that_is_repeated_joins_the_call_that_does_its_work_and_another_does_not()
    {
        using var modal = await ModalApp.StartAsync();
        using var http = new HttpClient { DefaultRequestHeaders = { { "Modal-Key", ModalApp.Key }, { "Modal-Secret", ModalApp.Secret } } };

        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(request => SpawnAsync(request % 2 == 0 ? "even" : "odd")));

        Assert.Equal(2, calls.Distinct().Count());
        Assert.Equal(calls[0], await SpawnAsync("even"));

        async Task<string> SpawnAsync(string key)
        {
            using var content = new StringContent(
                $$$"""{"idempotency_key":"{{{key}}}","record":{"person.email":"jane@acme.com"}}""",
                Encoding.UTF8,
                "application/json");
            using var response = await http.PostAsync(new Uri($"{modal.Url}/spawn"), content);
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Theory]
    [InlineData("call")]
    [InlineData("spawn")]
    [InlineData("poll?call_id=fc-1")]
    [InlineData("callback")]
    public async Task No_endpoint_answers_without_the_token(string endpoint)
    {
        using var modal = await ModalApp.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(endpoint[0] == 'p' ? HttpMethod.Get : HttpMethod.Post, $"{modal.Url}/{endpoint}");

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    /// <summary>A host with the receiver, at an address that it can tell its steps.</summary>
    private static async Task<WebApplication> HostAsync(Action<EnrichmentBuilder> describe)
    {
        var address = $"http://127.0.0.1:{FreePort()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", address);
        builder.Services.AddSingleton(new OutboundHttp(new() { Allow = ["127.0.0.0/8"] }));
        builder.Services.AddEnrichment(e =>
            describe(
                e.UseSqlite(":memory:")
                    .UseSecrets(asked =>
                        asked.Name switch
                        {
                            "MODAL_KEY" => ModalApp.Key,
                            "MODAL_SECRET" => ModalApp.Secret,
                            "MODAL_CALLBACK" => SignedStep.Secret,
                            _ => null,
                        })
                    .AddProvider<ModalProvider>()
                    .ConfigureCallbacks(new() { Address = new($"{address}/callbacks") })
                    .ConfigureWorker(TestEngine.Quick)));
        var app = builder.Build();
        app.MapEnrichmentCallbacks();
        await app.StartAsync();
        return app;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
