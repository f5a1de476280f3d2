using Enrichment.Consolidation;
using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A host whose pool still holds connections of before the server's restart.</summary>
public sealed class RestartTests
{
    private static readonly Func<EnrichmentClient, Batch, Task>[] Reads =
    [
        (client, batch) => client.GetBatchAsync(batch.Id),
        (client, batch) => client.GetProgressAsync(batch.Id),
        (client, _) => client.ListBatchesAsync().CountAsync().AsTask(),
        (client, batch) => client.GetUploadAsync(batch.UploadId),
        (client, batch) => client.ReadStatesAsync(batch.Id).CountAsync().AsTask(),
        (client, batch) => client.ReadDeliveriesAsync(batch.Id).CountAsync().AsTask(),
        (client, _) => client.ReadRowsAsync("companies").CountAsync().AsTask(),
        (client, _) => client.ReadIssuesAsync("companies").CountAsync().AsTask(),
    ];

    private static readonly Func<IEnrichmentStore, Batch, Task>[] Looks =
    [
        (store, _) => store.HasSchemaAsync(default),
        (store, _) => store.HasOpenWorkAsync([], [], default),
        (store, _) => store.FindDueAsync([], default),
        (store, batch) => store.FindCandidatesAsync(batch.Key, [], 10, default),
        (store, _) => store.FindDueTimersAsync([], 10, default),
        (store, _) => store.TakeDeliveriesAsync([], 10, 1024, TimeSpan.FromMinutes(1), default),
        (store, batch) => store.ReadDeliveriesAsync(batch.Key, default).CountAsync().AsTask(),
    ];

    [Fact]
    public async Task The_first_read_after_a_restart_of_the_server_does_not_meet_a_dead_connection()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var engine = await TestEngine.StartAsync(e =>
            e.UseStore(_ => new PostgreSqlStore(database))
                .AddStep<IdleStep>()
                .AddPipeline("one", p => p.Step("test.idle"))
                .AddProjection(Projection.Define("companies", p => p.Text("name", s => s.Field("company.name")))));
        var client = engine.Client("acme");
        var batch = await client.LaunchAsync("Company Name,Website\nAcme,https://acme.example.com\n", "one");
        await engine.RunUntilDrainedAsync();
        var store = new PostgreSqlStore(database);

        foreach (
            var read in Reads
                .Select(read => new Func<Task>(() => read(client, batch)))
                .Concat(Looks.Select(look => new Func<Task>(() => look(store, batch)))))
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => client.GetBatchAsync(batch.Id))); // so that the pool holds several
            await cluster.RestartImmediatelyAsync();
            await read();
        }
    }

    [Fact]
    public async Task A_write_on_a_connection_that_died_is_not_repeated_by_the_store()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var database = NpgsqlDataSource.Create(cluster.ConnectionString);
        var store = new PostgreSqlStore(database);
        await store.MigrateAsync(default);
        var limit = new LimitKey(0, "vendor");
        foreach (var write in new Func<Task>[]
        {
            () => store.CountFailuresAsync(limit, failures: 1, answered: false, breakAfter: 10, default),
            () => store.TakeSingletonLeaseAsync("prune", "host", TimeSpan.FromMinutes(1), default),
        })
        {
            await store.HasOpenWorkAsync([], [], default); // so that the pool holds one
            await cluster.RestartImmediatelyAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(write);
        }
    }

    [EnrichmentStep("test.idle", "1.0.0", Pure = true)]
    private sealed class IdleStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Skipped("nothing to do"));
    }
}
