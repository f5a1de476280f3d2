using System.Net;
using Enrichment.Providers.Http;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using WebhookExport;

namespace Enrichment.EndToEnd.Tests.Samples;

/// <summary>samples/WebhookExport sends rows at a rate, tests the connection, stops after errors and goes on.</summary>
public sealed class WebhookExportTests : IDisposable
{
    private const int Rows = 60;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("webhook-export");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Every_row_is_sent_once_in_batches_and_a_second_run_sends_nothing()
    {
        using var webhook = new Webhook();
        await using var engine = await EngineAsync(webhook);
        var export = await ExportAsync(engine);

        var first = await export.RunAsync(folder.FullName);
        var second = await export.RunAsync(folder.FullName);

        Assert.Equal((true, true, Rows), (first, second, webhook.Received));
        var files = folder.GetFiles("*.csv").Select(file => file.Name);
        Assert.Equal(["batch 1.csv", "batch 2.csv", "test.csv"], files.Order(StringComparer.Ordinal));
        var lines = await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "batch 2.csv"));
        Assert.Equal(26, lines.Length);
        Assert.Equal("Email,Company,export.receipt,enrichment.row,enrichment.status,enrichment.error", lines[0]);
        Assert.All(lines[1..], line => Assert.EndsWith(",completed,", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_webhook_that_refuses_the_test_gets_nothing_else()
    {
        using var webhook = new Webhook(_ => Task.FromResult(HttpStatusCode.BadRequest));
        await using var engine = await EngineAsync(webhook);

        Assert.False(await (await ExportAsync(engine)).RunAsync(folder.FullName));

        Assert.InRange(webhook.Received, 1, 10);
        Assert.Single(await engine.Client("acme").ListBatchesAsync().ToListAsync());
    }

    [Fact]
    public async Task A_batch_is_paused_after_ten_errors_and_goes_on_once_it_is_resumed()
    {
        var paused = new TaskCompletionSource();
        using var webhook = new Webhook(async number =>
        {
            // The call after the tenth error is held until the batch is paused.
            await (number > 20 ? paused.Task : Task.CompletedTask);
            return number is > 10 and <= 20 ? HttpStatusCode.BadRequest : HttpStatusCode.OK;
        });
        await using var engine = await EngineAsync(webhook);
        var client = engine.Client("acme");
        var export = await ExportAsync(engine);

        var run = export.RunAsync(folder.FullName);
        await Wait.UntilAsync(async () => await client.ListBatchesAsync().AnyAsync(batch => batch.Status == BatchStatus.Paused));
        paused.SetResult();
        Assert.False(await run);

        var stopped = await client.ListBatchesAsync().FirstAsync();
        Assert.Equal((BatchStatus.Paused, 10), (stopped.Status, (await client.GetProgressAsync(stopped.Id)).Failed));
        Assert.InRange(webhook.Received, 20, 22);
        await client.ResumeAsync(stopped.Id);
        await client.RetryAsync(stopped.Id);
        await engine.RunUntilDrainedAsync();
        Assert.True(await export.RunAsync(folder.FullName));
        Assert.Equal(Rows + 10, webhook.Received);
    }

    private static async Task<Export> ExportAsync(EnrichmentEngine engine)
    {
        var csv = "Email,Company\n" + string.Concat(Enumerable.Range(1, Rows).Select(n => $"p{n}@c{n}.example,Company {n}\n"));
        return new(engine, engine.Client("acme"), await engine.Client("acme").StageAsync(csv), "export", TextWriter.Null) { BatchRows = 25 };
    }

    // The rate is another one, so that the test does not wait for it: LimitTests hold rates.
    private static Task<EnrichmentEngine> EngineAsync(Webhook webhook) => TestEngine.StartAsync(e =>
    {
        e.Services.AddSingleton(new OutboundHttp(new() { Allow = ["127.0.0.0/8"] }));
        e.UseSqlite(":memory:")
            .AddSteps(HttpVendors.Load(Path.Combine(TestPaths.RepositoryRoot, "samples", "WebhookExport", "webhook.json")))
            .AddPipeline(
                "export",
                p => p.Step(
                    "export.webhook",
                    s => s.Options(new { request = new { url = webhook.Url }, limits = new { rate = 1000, concurrency = 1 } })))
            .ConfigureWorker(TestEngine.Quick);
    });
}
