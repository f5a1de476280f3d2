using System.Net;
using Enrichment.Pipelines;
using Enrichment.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>A host with the receiver on a port of its own, an engine on an in-memory store, and a small upload.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication app;

    private Receiver(WebApplication app, Upload upload)
    {
        this.app = app;
        Upload = upload;
        Address = new(
            new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
            "/callbacks/");
    }

    public HttpClient Http { get; } = new();

    /// <summary>Told of each call.</summary>
    public Action<StepContext> Called { get; set; } = _ => { };

    public Uri Address { get; }

    public Upload Upload { get; }

    public IServiceProvider Services => app.Services;

    public EnrichmentEngine Engine => app.Services.GetRequiredService<EnrichmentEngine>();

    public EnrichmentClient Client => Engine.Client("acme");

    public static async Task<Receiver> StartAsync<TStep>(
        object script,
        string[] companies,
        Action<PipelineBuilder>? further = null,
        int maxBodyBytes = 4096,
        Action<EnrichmentBuilder>? describe = null,
        Action<ListenOptions>? kestrel = null,
        Action<WebApplication>? app = null)
        where TStep : VendorStep
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0, kestrel ?? (_ => { })));
        builder.Services.AddEnrichment(e =>
        {
            e.UseSqlite(":memory:")
                .AddStep<TStep>()
                .AddPipeline("vendor", p =>
                {
                    p.Step(StepManifest.Of(typeof(TStep)).Slug, s => s.Options(script));
                    further?.Invoke(p);
                })
                .ConfigureCallbacks(new() { MaxBodyBytes = maxBodyBytes })
                .ConfigureWorker(TestEngine.Quick);
            describe?.Invoke(e);
        });
        var host = builder.Build();
        app?.Invoke(host);
        host.MapEnrichmentCallbacks();
        await host.StartAsync();
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        var csv = "Company Name\n" + string.Concat(companies.Select(name => name + "\n"));
        var upload = await engine.Client("acme").StageAsync(csv);
        return new(host, upload);
    }

    /// <summary>The address of one call, with this host's port, which no option could know before.</summary>
    public Uri AddressOf(StepContext context) => new(Address, context.CallbackToken);

    public async Task<int> DeliverAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Http.SendAsync(request);
            Assert.Empty(await response.Content.ReadAsStringAsync());
            return (int)response.StatusCode;
        }
    }

    public async Task<Batch> RunAsync()
    {
        var batch = await Client.LaunchAsync(Upload.Id, new() { Pipeline = "vendor" });
        await Engine.RunUntilDrainedAsync();
        Assert.Empty(await Engine.ExamineAsync());
        return await Client.GetBatchAsync(batch.Id);
    }

    /// <summary>Works beside what the test does.</summary>
    public async Task<Batch> WorkAsync(Func<Task> beside)
    {
        var batch = await Client.LaunchAsync(Upload.Id, new() { Pipeline = "vendor" });
        await Engine.WhileWorkingAsync(beside);
        return batch;
    }

    public async Task<List<ItemState>> StatesAsync(Batch batch) => await Client.ReadStatesAsync(batch.Id).ToListAsync();

    public async Task<List<StoredDelivery>> InboxAsync(Batch batch) =>
        await Engine.Store.ReadDeliveriesAsync(batch.Key, default).ToListAsync();

    public async Task<List<StoredDelivery>> InboxOfAllAsync()
    {
        List<StoredDelivery> all = [];
        await foreach (var batch in Client.ListBatchesAsync())
        {
            all.AddRange(await InboxAsync(batch));
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

public static class Vendors
{
    public static string Name(this StepContext context) => context.Record.Text("company.name")!;
}
