using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Tests;

/// <summary>Uploads, and what is launched of them.</summary>
public sealed class StagingTests : IDisposable
{
    private readonly TemporaryDatabase database = new();

    public void Dispose() => database.Dispose();

    [Fact]
    public async Task Rows_and_rejects_come_back_byte_for_byte()
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        var upload = await Launched.StageAsync(store, "acme", 1200);

        var rows = await store.ReadRowsAsync(upload, after: 0, default).ToListAsync();
        var reject = Assert.Single(await store.ReadRejectsAsync(upload, after: 0, default).ToListAsync());

        Assert.Equal(Enumerable.Range(1, 1200), rows.Select(row => row.Row));
        Assert.Equal("""["row 1200"]"""u8.ToArray(), rows[^1].Raw.ToArray());
        Assert.Equal(new byte[] { 0, 255, 1 }, reject.Raw.ToArray());
        Assert.Equal((1201, 1202L, "ragged"), (reject.Row, reject.Line, reject.Code));
        Assert.Equal(upload.Id, (await store.FindUploadAsync("acme", upload.Id, default))!.Id);
        Assert.Null(await store.FindUploadAsync("umbrella", upload.Id, default));
    }

    [Fact]
    public async Task The_same_content_gives_the_upload_that_is_there_and_leaves_no_row_behind()
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        var first = await Launched.StageAsync(store, "acme", 10);

        var again = await Launched.StageAsync(store, "acme", 10);

        Assert.True(again.AlreadyThere);
        Assert.Equal(first.Key, again.Key);
        Assert.NotEqual(first.Key, (await Launched.StageAsync(store, "umbrella", 10)).Key);
        using var connection = new SqliteConnection(database.ConnectionString);
        connection.Open();
        using var command = new SqliteCommand(
            "select (select count(*) from upload_rows) || ' ' || (select count(*) from rejected_rows) || ' ' || (select count(*) from uploads)",
            connection);
        Assert.Equal("20 2 2", command.ExecuteScalar());
    }

    [Fact]
    public async Task A_launch_may_take_part_in_the_hosts_own_transaction()
    {
        using var store = new SqliteStore(database.Path);
        await store.MigrateAsync(default);
        var upload = await Launched.StageAsync(store, "acme", 10);
        using var connection = new SqliteConnection(database.ConnectionString);
        connection.Open();
        using (var undone = connection.BeginTransaction())
        {
            await store.LaunchAsync(Launched.Request(upload), undone, default);
            await undone.RollbackAsync();
        }

        Assert.Empty(await store.ReadBatchesAsync("acme", new(), default).ToListAsync());
        using (var kept = connection.BeginTransaction())
        {
            await store.LaunchAsync(Launched.Request(upload) with { Rows = BucketRun.Of(upload.Id, [2, 4, 99]) }, kept, default);
            await kept.CommitAsync();
        }

        Assert.Equal(2, Assert.Single(await store.ReadBatchesAsync("acme", new(), default).ToListAsync()).Items);
    }

    [Fact]
    public async Task A_launch_is_repeated_by_its_key_and_refused_for_another_request()
    {
        using var store = new SqliteStore(database.Path);
        var launched = await Launched.BatchOfAsync(store, 10);

        var again = await store.LaunchAsync(Launched.Request(launched.Upload), null, default);

        Assert.True(again.AlreadyThere);
        Assert.Equal(launched.Batch.Id, again.Id);
        await Assert.ThrowsAsync<EnrichmentException>(() => store.LaunchAsync(Launched.Request(launched.Upload, hash: 2), null, default));
        await Assert.ThrowsAsync<EnrichmentException>(() =>
            store.LaunchAsync(
                Launched.Request(launched.Upload, "none") with
                {
                    Rows = BucketRun.Of(launched.Upload.Id, [99]),
                },
                null,
                default));
        Assert.Single(await store.ReadBatchesAsync("acme", new(), default).ToListAsync());
    }
}
