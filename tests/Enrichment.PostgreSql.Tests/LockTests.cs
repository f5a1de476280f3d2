using System.Text;
using Enrichment.Execution;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>Locks that would never end, and transactions that the server ends in favour of others.</summary>
public sealed class LockTests
{
    [Fact]
    public async Task The_locks_of_a_client_that_stopped_inside_a_transaction_end_with_a_lease()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var engine = Engine(database);
        var batch = await LaunchAsync(engine);
        await using var stopped = await StoppedClient.AfterAsync(
            database.ConnectionString, """select count(*) from (select 1 from "enrichment".workflow_states for update) s""");

        await engine.RunUntilDrainedAsync().WaitAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").BatchAsync(batch.Id)).Status);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_client_that_waits_inside_a_transaction_of_the_hosts_own_is_left_alone()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var engine = Engine(database);
        await engine.MigrateAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("select count(*) from enrichment.batches", connection, transaction);
        await command.ExecuteScalarAsync();
        await using var copy = await connection.BeginBinaryImportAsync("copy enrichment.clients (slug) from stdin (format binary)");

        Assert.Equal(0, await engine.Store.EndStalledAsync(TimeSpan.Zero, default));
    }

    [Fact]
    public async Task An_operators_act_that_lost_to_a_deadlock_is_repeated()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var engine = Engine(database);
        var batch = await LaunchAsync(engine);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using (var command = source.CreateCommand("""
            create sequence public.acts;
            create function public.lose() returns trigger language plpgsql as $$
            begin
                if nextval('public.acts') % 3 > 0 then
                    raise exception 'for a test' using errcode = case nextval('public.acts') % 2 when 0 then '40P01' else '40001' end;
                end if;
                return null;
            end $$;
            create trigger lose before update on enrichment.batches for each statement execute function public.lose()
            """))
        {
            await command.ExecuteNonQueryAsync();
        }

        Assert.True(await engine.Store.SetPriorityAsync(batch.Key, 20, default));
        Assert.True(await engine.Store.SetPausedAsync(batch.Key, true, default));
        Assert.True(await engine.Store.SetPausedAsync(batch.Key, false, default));
        Assert.True(await engine.Store.CancelAsync(batch.Key, default));
        Assert.Equal(1, await engine.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default));
        Assert.Empty(await engine.ExamineAsync());
    }

    private static EnrichmentEngine Engine(PostgresDatabase database) => EnrichmentEngine.Create(e => e
        .UsePostgreSql(database.ConnectionString)
        .AddStep<DoneStep>()
        .AddPipeline("one", p => p.Step("test.done"))
        .ConfigureWorker(new() { Lease = TimeSpan.FromSeconds(1), SweepInterval = TimeSpan.FromMilliseconds(100), PollInterval = TimeSpan.FromMilliseconds(50) }));

    private static async Task<Batch> LaunchAsync(EnrichmentEngine engine)
    {
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes("Company Name\nAcme\nGlobex\n")), "apollo_scrape");
        return await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "one" });
    }

    [EnrichmentStep("test.done", "1.0.0", Pure = true)]
    private sealed class DoneStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(StepOutcome.Skipped("nothing to do"));
    }
}
