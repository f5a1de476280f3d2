using System.Net;
using System.Text;
using System.Text.Json;
using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests.Guide;

/// <summary>The guide's step and host, as they stand there, with a vendor who delivers what it was asked for.</summary>
public sealed class AcmePersonTests
{
    [Fact]
    public async Task The_guides_host_receives_the_answer_that_the_guides_step_has_asked_for()
    {
        await using var cluster = await TestKit.PostgresCluster.StartAsync();
        var connectionString = cluster.ConnectionString;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var vendor = new Acme();
        builder.Services.AddSingleton(new HttpClient(vendor));
        builder.Services.AddEnrichment(e => e
            .UsePostgreSql(connectionString)
            .AddStep<AcmePersonStep>()
            .AddPipeline("people", p => p.Step("acme.person", s => s.Options(new { signingSecret = "secret:ACME_SIGNING" })))
            .ConfigureCallbacks(new() { Address = new("https://leads.example.com/callbacks") })
            .AddWorker());
        await using var app = builder.Build();
        app.MapEnrichmentCallbacks("/callbacks");
        await app.StartAsync();
        vendor.Receiver = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var client = app.Services.GetRequiredService<EnrichmentEngine>().Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes("Email\nada@acme.com\n")), "apollo_scrape");
        Environment.SetEnvironmentVariable("ENRICHMENT_SECRET_ACME_SIGNING", Signed.Secret);

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "people" });
        await Wait.UntilAsync(async () => (await client.GetBatchAsync(batch.Id)).CompletedAt is not null);

        Assert.Equal(Status.Completed, (await client.ReadStatesAsync(batch.Id).SingleAsync()).Status);
        await app.StopAsync();
    }

    [Fact]
    public async Task The_guides_test_of_a_step_that_is_answered_later()
    {
        using var http = new HttpClient(new Accepting());
        var harness = StepHarness.For(new AcmePersonStep(http))
            .With("person.email", "ada@acme.com")
            .WithOptions(new AcmeOptions { SigningSecret = Signed.Secret });
        Assert.Equal(StepOutcomeKind.AwaitingCallback, (await harness.RunAsync()).Kind);

        var body = """{"person.title":"Engineer"}""";
        using var request = Signed.Request(harness.CallbackUrl, body, at: harness.Clock.GetUtcNow());
        var headers = request.Headers.Select(header => KeyValuePair.Create(header.Key, string.Join(',', header.Value)));
        Assert.Equal("Engineer", harness.Receive(body, headers).Text("person.title"));
        Assert.Throws<DeliveryRefusedException>(() => harness.Receive("""{"person.title":"Forged"}""", headers));
    }

    private sealed class Accepting : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.Accepted));
    }

    /// <summary>Takes the job and delivers before it says so, to the path that it was given on the host that a test has.</summary>
    private sealed class Acme : HttpMessageHandler
    {
        private readonly HttpClient http = new();

        public Uri? Receiver { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var job = await JsonDocument.ParseAsync(await request.Content!.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            var address = new Uri(job.RootElement.GetProperty("callback").GetString()!);
            Assert.Equal("leads.example.com", address.Host);
            using var delivery = Signed.Request(new(Receiver!, address.AbsolutePath), """{"person.title":"Engineer"}""");
            using var answer = await http.SendAsync(delivery, cancellationToken);
            return new(answer.StatusCode == HttpStatusCode.Accepted ? HttpStatusCode.OK : HttpStatusCode.InternalServerError);
        }
    }
}
