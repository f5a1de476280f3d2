using System.Text;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A host whose pool still holds connections of before the server's restart.</summary>
public sealed class RestartTests
{
    private static readonly Func<EnrichmentClient, Batch, Task>[] Reads =
    [
        (client, batch) => client.BatchAsync(batch.Id),
        (client, batch) => client.ProgressAsync(batch.Id),
        (client, _) => client.BatchesAsync().CountAsync().AsTask(),
        (client, batch) => client.UploadAsync(batch.UploadId),
        (client, batch) => client.StatesAsync(batch.Id).CountAsync().AsTask(),
    ];

    [Fact]
    public async Task The_first_read_after_a_restart_of_the_server_does_not_meet_a_dead_connection()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var engine = EnrichmentEngine.Create(e => e.UsePostgreSql(cluster.ConnectionString).AddStep<IdleStep>().AddPipeline("one", p => p.Step("test.idle")));
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes("Company Name,Website\nAcme,https://acme.example.com\n")), "apollo_scrape");
        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "one" });

        foreach (var read in Reads)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.BatchAsync(batch.Id))); // so that the pool holds several
            await cluster.RestartImmediatelyAsync();
            await read(client, batch);
        }
    }

    [EnrichmentStep("test.idle", "1.0.0", Pure = true)]
    private sealed class IdleStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.Skipped("nothing to do"));
    }
}
