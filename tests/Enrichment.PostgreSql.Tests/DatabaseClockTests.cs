using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>Whose clock decides.</summary>
public sealed class DatabaseClockTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task A_lease_ends_by_the_databases_clock_and_not_by_the_hosts()
    {
        await using var ahead = await AheadAsync();
        var store = new PostgreSqlStore(ahead, new() { Schema = "ahead" });
        await store.MigrateAsync(default);
        var upload = await StageAsync(store);
        var batch = await store.LaunchAsync(
            new LaunchRequest
            {
                Id = Guid.CreateVersion7(),
                Client = "acme",
                Upload = upload.Key,
                Key = "once",
                RequestHash = new byte[] { 1 },
                Pipeline = "p",
                Snapshot = "{}",
            },
            null,
            default);

        var candidate = Assert.Single(await store.FindCandidatesAsync(batch.Key, [], 1, default));
        Assert.NotNull(
            await store.ClaimAsync(
                new()
                {
                    Candidate = candidate,
                    Owner = "host",
                    Lease = TimeSpan.FromSeconds(10),
                    Limit = 1,
                    ByteLimit = 1000,
                    Upload = upload.Key,
                    Sources = [],
                },
                default));

        await using var command = ahead.CreateCommand("select until - pg_catalog.clock_timestamp() from ahead.leases");
        Assert.InRange((TimeSpan)(await command.ExecuteScalarAsync())!, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
    }

    /// <summary>
    /// A database whose clock is an hour ahead of this machine's: its clock_timestamp() is found before PostgreSQL's own.
    /// </summary>
    private async Task<NpgsqlDataSource> AheadAsync()
    {
        await using (var plain = NpgsqlDataSource.Create(database.ConnectionString))
        await using (var command = plain.CreateCommand(
            "create schema skew; create function skew.clock_timestamp() returns timestamptz language sql volatile as 'select pg_catalog.clock_timestamp() + interval ''1 hour'''"))
        {
            await command.ExecuteNonQueryAsync();
        }

        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = "skew,pg_catalog" });
    }

    private static async Task<Enrichment.Upload> StageAsync(PostgreSqlStore store)
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
