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

        await engine.RunUntilDrainedAsync().WaitAsync(Wait.Patience);

        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
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
        await LoseAsync(source, "update on enrichment.batches");

        Assert.True(await engine.Store.SetPriorityAsync(batch.Key, 20, default));
        Assert.True(await engine.Store.SetPausedAsync(batch.Key, true, default));
        Assert.True(await engine.Store.SetPausedAsync(batch.Key, false, default));
        Assert.True(await engine.Store.CancelAsync(batch.Key, default) is not null);
        Assert.Equal(1, await engine.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task Uploads_and_launches_that_lost_to_a_deadlock_are_repeated()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var engine = Engine(database);
        await engine.MigrateAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await LoseAsync(
            source,
            "insert or update or delete on enrichment.uploads",
            "insert or delete on enrichment.upload_rows",
            "insert or delete on enrichment.rejected_rows",
            "insert on enrichment.batches",
            "insert on enrichment.batch_items");

        // The second upload is discarded: its content is there.
        var batches = new[] { await LaunchAsync(engine), await LaunchAsync(engine) };
        await engine.RunUntilDrainedAsync();

        Assert.Equal(batches[0].UploadId, batches[1].UploadId);
        Assert.All(batches, batch => Assert.Equal(2, batch.Items));
        Assert.Single(await engine.Client("acme").ListUploadsAsync().ToListAsync());
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_launch_in_the_hosts_own_transaction_is_not_repeated()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var engine = Engine(database);
        var upload = (await LaunchAsync(engine)).UploadId;
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await LoseAsync(source, "insert on enrichment.batch_items");
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        var lost = await Assert.ThrowsAsync<PostgresException>(() =>
            engine.Client("acme").LaunchAsync(upload, new() { Pipeline = "one" }, transaction));

        Assert.Contains(lost.SqlState, new[] { PostgresErrorCodes.DeadlockDetected, PostgresErrorCodes.SerializationFailure });
        await transaction.RollbackAsync();
        Assert.Single(await engine.Client("acme").ListBatchesAsync().ToListAsync());
    }

    [Fact]
    public async Task A_block_is_returned_in_the_order_in_which_blocks_are_leased()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var store = new PostgreSqlStore(source);
        await store.MigrateAsync(default);
        var limit = LimitKey.Of(null, "vendor");
        var second = TimeSpan.FromSeconds(1);
        var block = await store.LeasePermitsAsync(
            new()
            {
                Limit = limit,
                Client = "acme",
                Owner = "host",
                Calls = 10,
                Gap = second,
                Ahead = second,
                Lead = second,
                Window = second,
                Lease = second,
            },
            default);

        // A host that leases: it has the limit, and will come to its blocks.
        await using var leasing = await source.OpenConnectionAsync();
        await using var transaction = await leasing.BeginTransactionAsync();
        await RunAsync("select 1 from enrichment.limits for update");
        var returned = store.ReturnPermitsAsync(new(new(limit, block.Block), Unused: 1, Answered: true, Failed: false), default);
        await using var waiting = source.CreateCommand(
            "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')");
        await Wait.UntilAsync(async () =>
        {
            Assert.False(returned.IsCompleted, "The return waits for the limit.");
            return await waiting.ExecuteScalarAsync() is true;
        });

        await RunAsync("select 1 from enrichment.permit_blocks for update");
        await transaction.CommitAsync();
        await returned;

        async Task RunAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, leasing, transaction);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Lets every other write of a kind lose to another transaction, the first of them first.</summary>
    private static async Task LoseAsync(NpgsqlDataSource source, params string[] writes)
    {
        await using var command = source.CreateCommand("""
            create function public.lose() returns trigger language plpgsql as $$
            declare
                turn int := nextval('public.' || tg_name);
            begin
                if turn % 2 = 1 then
                    raise exception 'for a test' using errcode = case turn % 4 when 1 then '40P01' else '40001' end;
                end if;
                return null;
            end $$;
            """ + string.Concat(writes.Select((write, index) => $"""
            create sequence public.lose{index};
            create trigger lose{index} before {write} for each statement execute function public.lose();
            """)));
        await command.ExecuteNonQueryAsync();
    }

    private static EnrichmentEngine Engine(PostgresDatabase database) =>
        EnrichmentEngine.Create(e =>
            e.UsePostgreSql(database.ConnectionString)
                .AddStep<DoneStep>()
                .AddPipeline("one", p => p.Step("test.done"))
                .ConfigureWorker(
                    new()
                    {
                        Lease = TimeSpan.FromSeconds(1),
                        SweepInterval = TimeSpan.FromMilliseconds(100),
                        PollInterval = TimeSpan.FromMilliseconds(50),
                    }));

    private static async Task<Batch> LaunchAsync(EnrichmentEngine engine)
    {
        await engine.MigrateAsync();
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream("Company Name\nAcme\nGlobex\n"u8.ToArray()), "apollo_scrape");
        return await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "one" });
    }

    [EnrichmentStep("test.done", "1.0.0", Pure = true)]
    private sealed class DoneStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Skipped("nothing to do"));
    }
}
