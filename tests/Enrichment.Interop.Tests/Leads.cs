using System.Globalization;
using System.Text;
using Enrichment.Consolidation;
using Enrichment.Providers.Normalization;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Interop.Tests;

/// <summary>One batch from a file to a typed table: a pure step, then one with effects outside.</summary>
internal static class Leads
{
    private static readonly Projection Scored = Projection.Define("scored_leads", p => p
        .Text("email", s => s.Field("person.email"))
        .Integer("score", s => s.Field("person.score")));

    public static EnrichmentEngine Host(string connectionString, Vendor vendor, HostLog? log = null) => EnrichmentEngine.Create(
        e =>
        {
            e.Services.AddSingleton(vendor);
            e.UsePostgreSql(connectionString)
                .AddProvider<NormalizationProvider>()
                .AddStep<VendorStep>()
                .AddPipeline("leads", p => p.Step("person.email").Step("interop.vendor"))
                .AddProjection(Scored)
                .ConfigureWorker(new()
                {
                    Lease = TimeSpan.FromSeconds(2),
                    ClaimSize = 200,
                    MaxConcurrentCalls = 50, // so that a batch cannot be over before a test has put its faults in
                    CommitDelay = TimeSpan.FromMilliseconds(5),
                    PollInterval = TimeSpan.FromMilliseconds(50),
                    SweepInterval = TimeSpan.FromMilliseconds(250),
                });
        },
        logging => _ = log is null ? logging : logging.AddProvider(log));

    public static async Task<Upload> UploadAsync(EnrichmentEngine host, int items)
    {
        var csv = new StringBuilder("Full Name,Email\n");
        for (var item = 1; item <= items; item++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"Jane Doe {item},Jane.{item}@Example.com\n");
        }

        return await host.Client("acme").StageAsync(csv.ToString());
    }

    public static async Task<Batch> LaunchAsync(EnrichmentEngine host, int items) =>
        await host.Client("acme").LaunchAsync((await UploadAsync(host, items)).Id, new() { Pipeline = "leads" });

    /// <summary>Waits until the batch has ended and its table is there.</summary>
    public static async Task EndAsync(EnrichmentEngine host, Batch batch)
    {
        await foreach (var _ in host.Client("acme").WatchAsync(batch.Id, TimeSpan.FromMilliseconds(50)))
        {
        }

        await host.Client("acme").ConsolidateAsync("scored_leads", batch.Id);
    }

    /// <summary>Everything that must be so at the end: complete, nothing missing, nothing twice, nothing left open.</summary>
    public static async Task AuditAsync(EnrichmentEngine host, PooledDatabase pooled, Batch batch)
    {
        var client = host.Client("acme");
        Assert.Equal(BatchStatus.Completed, (await client.GetBatchAsync(batch.Id)).Status);
        Assert.Equal(2L * batch.Items, await pooled.ScalarAsync<long>("select count(*) from enrichment_results"));
        Assert.Equal(2L * batch.Items, await pooled.ScalarAsync<long>("select count(distinct (stage, item)) from enrichment_results"));
        Assert.Equal(0L, await pooled.ScalarAsync<long>("select count(*) from attempts where outcome is null"));
        Assert.Equal(0L, await pooled.ScalarAsync<long>("select count(*) from leases"));
        Assert.Equal(batch.Items, (await client.Query("scored_leads").InBatch(batch.Id).ExportAsync(Stream.Null)).Rows);
        Assert.Empty(await host.ExamineAsync());
    }
}
