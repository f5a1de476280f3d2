using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>Results lie in the partition of the month in which their batch was launched.</summary>
public sealed class MonthTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly TimeSpan FourMonths = TimeSpan.FromDays(125);

    private int launches;

    [Fact]
    public async Task A_migration_makes_this_month_and_the_next_two()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);

        Assert.Equal(
            ["enrichment_results_2026_01", "enrichment_results_2026_02", "enrichment_results_2026_03"],
            await MonthsAsync(fixture));
    }

    [Fact]
    public async Task A_batchs_number_begins_anew_with_each_month_and_is_higher_than_any_before()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        fixture.Clock.Advance(TimeSpan.FromDays(31) - TimeSpan.FromTicks(10));
        var january = new[] { await LaunchAsync(fixture.Store, upload), await LaunchAsync(fixture.Store, upload) };
        fixture.Clock.Advance(TimeSpan.FromTicks(10));

        var february = await LaunchAsync(fixture.Store, upload);

        Assert.Equal([1, 2], january.Select(batch => batch.Key));
        Assert.Equal((1 << 22) + 1, february.Key);
        await StoreAsync(fixture, [.. january, february]);
        Assert.Equal(2, await fixture.CountRawAsync("select count(*) from enrichment_results_2026_01"));
        Assert.Equal(1, await fixture.CountRawAsync("select count(*) from enrichment_results_2026_02"));
    }

    [Fact]
    public async Task A_month_that_nobody_made_ahead_is_made_by_its_first_launch_however_many_hosts_race()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        fixture.Clock.Advance(FourMonths);

        var batches = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => LaunchAsync(fixture.Store, upload))));

        Assert.Equal(Enumerable.Range((4 << 22) + 1, 8), batches.Select(batch => batch.Key).Order());
        await StoreAsync(fixture, batches);
        Assert.Equal(8, await fixture.CountRawAsync("select count(*) from enrichment_results_2026_05"));
    }

    [Fact]
    public async Task A_host_that_makes_the_month_in_its_own_transaction_holds_up_no_one_for_good()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        fixture.Clock.Advance(FourMonths);
        Task<Batch> second;
        await using (var connection = await fixture.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await fixture.Store.LaunchAsync(Request(upload), transaction, default);
            second = LaunchAsync(fixture.Store, upload);
            await transaction.RollbackAsync();
        }

        Assert.Equal((4 << 22) + 1, (await second).Key);
        Assert.Equal("enrichment_results_2026_05", (await MonthsAsync(fixture))[^1]);
    }

    [Fact]
    public async Task A_month_is_attached_while_others_read_and_write_results()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        var january = await LaunchAsync(fixture.Store, upload);
        fixture.Clock.Advance(FourMonths);
        await using var connection = (NpgsqlConnection)await fixture.OpenAsync();
        await using var writing = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(Result(january), connection, writing);
        await command.ExecuteNonQueryAsync();

        var may = await LaunchAsync(fixture.Store, upload);

        Assert.Equal(4, may.Key >> 22);
        await writing.CommitAsync();
    }

    [Fact]
    public async Task A_partition_has_the_settings_that_partitions_do_not_inherit()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);

        Assert.Equal(3, await fixture.CountRawAsync(
            "select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relispartition and relkind = 'r' and 'autovacuum_vacuum_insert_scale_factor=0.1' = any (reloptions)"));
    }

    [Fact]
    public async Task A_function_with_the_owners_rights_is_open_to_nobody_unless_granted()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);

        Assert.Equal(0, await fixture.CountRawAsync(
            "select count(*) from pg_proc p cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where p.pronamespace = current_schema()::regnamespace and p.prosecdef and a.grantee = 0"));
        Assert.True(await fixture.CountRawAsync("select count(*) from pg_proc p where p.pronamespace = current_schema()::regnamespace and p.prosecdef") > 0);
    }

    [Fact]
    public async Task A_month_goes_once_it_is_over_and_all_its_batches_are_pruned()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        var january = new[] { await EndedAsync(fixture, upload), await EndedAsync(fixture, upload) };
        await StoreAsync(fixture, january);
        await MarkAsync(fixture, january);
        Assert.Equal(0, await fixture.Store.MaintainPartitionsAsync(default));

        fixture.Clock.Advance(TimeSpan.FromDays(31));
        var february = await EndedAsync(fixture, upload);
        await StoreAsync(fixture, [february]);
        Assert.Equal(1, await fixture.Store.MaintainPartitionsAsync(default));

        Assert.Equal(
            ["enrichment_results_2026_02", "enrichment_results_2026_03", "enrichment_results_2026_04"],
            await MonthsAsync(fixture));
        Assert.Equal(
            0,
            await fixture.CountRawAsync(
                "select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relname like 'enrichment_results_2026_01%'"));
        fixture.Clock.Advance(TimeSpan.FromDays(31));
        Assert.Equal(0, await fixture.Store.MaintainPartitionsAsync(default));
        Assert.Equal(1, await fixture.CountRawAsync("select count(*) from enrichment_results"));
        foreach (var batch in january)
        {
            await foreach (var _ in fixture.Store.DeletePrunedAsync(batch, default))
            {
            }
        }

        Assert.Empty(await fixture.Store.FindUndeletedAsync(default));
    }

    [Fact]
    public async Task A_drop_that_was_cut_off_between_detaching_and_dropping_is_finished()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        await MarkAsync(fixture, [await EndedAsync(fixture, await StageAsync(fixture.Store))]);
        fixture.Clock.Advance(TimeSpan.FromDays(31));
        await fixture.ExecuteRawAsync("select drop_month(0, '2026-02-01Z')");
        Assert.Equal(
            1,
            await fixture.CountRawAsync(
                "select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relname = 'enrichment_results_2026_01' and not relispartition"));

        Assert.Equal(1, await fixture.Store.MaintainPartitionsAsync(default));

        Assert.Equal(
            0,
            await fixture.CountRawAsync(
                "select count(*) from pg_class where relnamespace = current_schema()::regnamespace and relname like 'enrichment_results_2026_01%'"));
    }

    [Fact]
    public async Task A_month_stays_while_somebody_reads_results_and_its_rows_go_one_by_one()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var batch = await EndedAsync(fixture, await StageAsync(fixture.Store));
        await StoreAsync(fixture, [batch]);
        await MarkAsync(fixture, [batch]);
        fixture.Clock.Advance(TimeSpan.FromDays(31));
        await using (var connection = (NpgsqlConnection)await fixture.OpenAsync())
        {
            await using var reading = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand("select count(*) from enrichment_results", connection, reading);
            Assert.Equal(1L, await command.ExecuteScalarAsync());

            Assert.Equal(0, await fixture.Store.MaintainPartitionsAsync(default));
            await foreach (var _ in fixture.Store.DeletePrunedAsync(batch, default))
            {
            }
        }

        Assert.Equal(0, await fixture.CountRawAsync("select count(*) from enrichment_results"));
        Assert.Equal(1, await fixture.Store.MaintainPartitionsAsync(default));
    }

    [Fact]
    public async Task A_launch_that_nobody_can_see_yet_keeps_its_month()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        await MarkAsync(fixture, [await EndedAsync(fixture, upload)]);
        await using var connection = await fixture.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await fixture.Store.LaunchAsync(Request(upload), transaction, default);
        fixture.Clock.Advance(TimeSpan.FromDays(31));

        Assert.Equal(0, await fixture.Store.MaintainPartitionsAsync(default));
        await transaction.CommitAsync();
        Assert.Equal(0, await fixture.Store.MaintainPartitionsAsync(default));

        Assert.Equal("enrichment_results_2026_01", (await MonthsAsync(fixture))[0]);
    }

    [Fact]
    public async Task A_patient_query_waits_until_a_whole_month_can_go()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        var first = await EndedAsync(fixture, upload);
        fixture.Clock.Advance(TimeSpan.FromDays(20));
        var second = await EndedAsync(fixture, upload);

        Assert.Equal([first.Key], await FindAsync(fixture, whole: false));
        Assert.Empty(await FindAsync(fixture, whole: true));
        fixture.Clock.Advance(TimeSpan.FromDays(11));
        Assert.Equal([first.Key, second.Key], await FindAsync(fixture, whole: true));
    }

    [Fact]
    public async Task A_patient_query_waits_31_days_for_a_straggler_and_no_longer()
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store);
        var first = await EndedAsync(fixture, upload);
        await LaunchAsync(fixture.Store, upload);

        fixture.Clock.Advance(TimeSpan.FromDays(41) - TimeSpan.FromSeconds(1));
        Assert.Empty(await FindAsync(fixture, whole: true));
        fixture.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([first.Key], await FindAsync(fixture, whole: true));
    }

    private static async Task<List<int>> FindAsync(PostgreSqlFixture fixture, bool whole)
    {
        var found = new List<int>();
        await foreach (
            var batch in fixture.Store.FindPrunableAsync(new() { OlderThan = TimeSpan.FromDays(10), WholeMonths = whole }, default))
        {
            found.Add(batch.Key);
        }

        return found;
    }

    private async Task<Batch> EndedAsync(PostgreSqlFixture fixture, Upload upload)
    {
        var batch = await LaunchAsync(fixture.Store, upload);
        await fixture.Store.CancelAsync(batch.Key, default);
        return await fixture.Store.LoadBatchAsync(batch.Key, default);
    }

    private static async Task MarkAsync(PostgreSqlFixture fixture, IEnumerable<Batch> batches)
    {
        foreach (var batch in batches)
        {
            Assert.True(await fixture.Store.MarkPrunedAsync(batch, "{}", default));
        }
    }

    private static async Task<List<string>> MonthsAsync(PostgreSqlFixture fixture)
    {
        await using var connection = (NpgsqlConnection)await fixture.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'enrichment_results'::regclass order by 1",
            connection);
        await using var reader = await command.ExecuteReaderAsync();
        var months = new List<string>();
        while (await reader.ReadAsync())
        {
            months.Add(reader.GetString(0));
        }

        return months;
    }

    private static async Task StoreAsync(PostgreSqlFixture fixture, IEnumerable<Batch> batches)
    {
        foreach (var batch in batches)
        {
            await fixture.ExecuteRawAsync(Result(batch));
        }
    }

    private static string Result(Batch batch) =>
        $"insert into enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at) select bucket, batch, 1, item, 1, 1, '{{}}', now() from batch_items where batch = {batch.Key}";

    private Task<Batch> LaunchAsync(IEnrichmentStore store, Upload upload) => store.LaunchAsync(Request(upload), null, default);

    private LaunchRequest Request(Upload upload) => new()
    {
        Id = Guid.CreateVersion7(),
        Client = "acme",
        Upload = upload.Key,
        Key = $"launch {Interlocked.Increment(ref launches)}",
        RequestHash = new byte[] { 1 },
        Pipeline = "p",
        Snapshot = "{}",
    };

    private static async Task<Upload> StageAsync(IEnrichmentStore store)
    {
        var staging = await store.BeginUploadAsync(new("acme", "any", "1", "one.csv"), default);
        await store.StageAsync(staging, [new(1, "[\"a\"]"u8.ToArray())], [], default);
        return await store.SealAsync(
            staging,
            new()
            {
                SizeBytes = 1,
                Sha256 = new byte[] { 1 },
                Fingerprint = new byte[] { 1 },
                Columns = ["name"],
                HeaderMap = new Dictionary<string, IReadOnlyList<int>>(),
                Report = "{}",
                Accepted = 1,
                Rejected = 0,
            },
            default);
    }
}
