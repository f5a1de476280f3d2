using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>Where the server itself is at the other end, the hot path is parsed once a connection.</summary>
public sealed class PreparingTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    // Words that stand in one statement alone.
    private static readonly string[] Claiming = ["revived as (", "held as materialized ("];
    private static readonly string[] Committing = ["outcome as materialized ("];

    [Fact]
    public async Task On_a_direct_connection_a_session_keeps_the_statements_of_the_hot_path()
    {
        await using var many = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = "prepared" });
        var others = new PostgreSqlStore(many, new() { Schema = "prepared" });
        await others.MigrateAsync(default);
        var upload = await StageAsync(others);
        var batch = await others.LaunchAsync(
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

        await using var one = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                SearchPath = "prepared",
                NoResetOnClose = true,
                MaxPoolSize = 1,
            });
        var store = new PostgreSqlStore(one, new() { Schema = "prepared" });
        var candidate = Assert.Single(await store.FindCandidatesAsync(batch.Key, [], 1, default));
        var claim = await store.ClaimAsync(
            new()
            {
                Candidate = candidate,
                Owner = "host",
                Lease = TimeSpan.FromMinutes(1),
                Limit = 1,
                ByteLimit = 1000,
                Upload = upload.Key,
                Sources = [],
            },
            default);
        await store.CommitAsync(new(claim!.Lease, "host", AttemptsAreOpen: false, [Skipped(claim.Items[0])]), default);

        var kept = await KeptAsync(one);

        Assert.All(
            [.. Claiming, .. Committing],
            words => Assert.Single(kept, statement => statement.Contains(words, StringComparison.Ordinal)));
    }

    // The pool has one connection: this is the session that did the work.
    private static async Task<List<string>> KeptAsync(NpgsqlDataSource one)
    {
        await using var command = one.CreateCommand("select statement from pg_prepared_statements");
        await using var reader = await command.ExecuteReaderAsync();
        var statements = new List<string>();
        while (await reader.ReadAsync())
        {
            statements.Add(reader.GetString(0));
        }

        return statements;
    }

    private static StateChange Skipped(ClaimedItem item) =>
        new()
        {
            Item = item.Item,
            ExpectedAttempt = item.Attempt,
            Attempt = item.Attempt + 1,
            Generation = item.Generation,
            Status = Status.Skipped,
            Outcome = StepOutcomeKind.Skipped,
        };

    private static async Task<Upload> StageAsync(PostgreSqlStore store)
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
