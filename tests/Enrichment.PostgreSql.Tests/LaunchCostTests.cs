using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A launch costs what it launches, not what else is there.</summary>
public sealed class LaunchCostTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_launch_of_a_few_rows_reads_these_rows_alone_with_and_without_statistics(bool analyzed)
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        var upload = await StageAsync(fixture.Store, 5000);
        if (analyzed)
        {
            await fixture.ExecuteRawAsync("analyze");
        }

        await using var connection = (NpgsqlConnection)await fixture.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await fixture.Store.LaunchAsync(
            new LaunchRequest
            {
                Id = Guid.CreateVersion7(),
                Client = "acme",
                Upload = upload.Key,
                Key = "few",
                RequestHash = new byte[] { 1 },
                Pipeline = "p",
                Snapshot = "{}",
                Rows = BucketRun.Of(upload.Id, [7, 8, 9, 4321]),
            },
            transaction,
            default);

        await using var command = new NpgsqlCommand(
            "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables where relid = 'upload_rows'::regclass",
            connection,
            transaction);
        Assert.Equal(4L, await command.ExecuteScalarAsync());
    }

    private static async Task<Upload> StageAsync(IEnrichmentStore store, int rows)
    {
        var staging = await store.BeginUploadAsync(new("acme", "any", "1", "many.csv"), default);
        await store.StageAsync(
            staging,
            [.. Enumerable.Range(1, rows).Select(row => new StagedRow(row, "[\"a\"]"u8.ToArray()))],
            [],
            default);
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
                Accepted = rows,
                Rejected = 0,
            },
            default);
    }
}
