using System.Text;
using Enrichment.Execution;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>What a statement sees that another transaction has held up: a connection of the test's own stands where the other host would.</summary>
public sealed class RaceTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task A_retry_that_waited_for_another_and_for_a_cancel_sees_what_they_left_open()
    {
        await using var race = await Race.StartAsync(database);
        await race.Store.CancelAsync(race.Batch, default);
        await using var other = await race.BeginAsync();
        await other.ExecuteAsync("update batches set version = version + 1; update ranges set pending = pending + 1");

        var begun = race.Store.RetryAsync(race.Batch, 1, [1], default);
        await race.IsHeldUpAsync(begun);
        await other.CommitAsync();

        Assert.Equal(0, await begun);
        Assert.Equal(BatchStatus.Cancelled, (await race.Store.LoadBatchAsync(race.Batch, default)).Status);
    }

    /// <summary>A store with a batch of one item.</summary>
    private sealed class Race : IAsyncDisposable
    {
        private readonly PostgreSqlFixture fixture;
        private readonly Upload upload;

        private Race(PostgreSqlFixture fixture, Upload upload, Batch batch) => (this.fixture, this.upload, Batch) = (fixture, upload, batch.Key);

        public IEnrichmentStore Store => fixture.Store;

        public int Batch { get; }

        public static async Task<Race> StartAsync(PostgresDatabase database)
        {
            var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
            var staging = await fixture.Store.BeginUploadAsync(new("acme", "any", "1", "one.csv"), default);
            await fixture.Store.StageAsync(staging, [new(1, "[\"a\"]"u8.ToArray())], [], default);
            var upload = await fixture.Store.SealAsync(
                staging,
                new()
                {
                    SizeBytes = 1, Sha256 = new byte[] { 1 }, Fingerprint = new byte[] { 1 }, Columns = ["name"], HeaderMap = new Dictionary<string, IReadOnlyList<int>>(), Report = "{}", Accepted = 1, Rejected = 0,
                },
                default);
            return new(fixture, upload, await fixture.Store.LaunchAsync(
                new()
                {
                    Id = Guid.CreateVersion7(), Client = "acme", Upload = upload.Key, Key = "once", RequestHash = new byte[] { 1 }, Pipeline = "p",
                    Snapshot = """{"stages":[{"manifest":{"effects":"Pure"}}]}""",
                },
                null,
                default));
        }

        public async Task<Transaction> BeginAsync()
        {
            var connection = (NpgsqlConnection)await fixture.OpenAsync();
            return new(connection, await connection.BeginTransactionAsync());
        }

        /// <summary>Returns when a call waits for a lock, or has ended without.</summary>
        public async Task IsHeldUpAsync(Task call)
        {
            while (!call.IsCompleted && await fixture.CountRawAsync("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0)
            {
                // Each look is a round trip to the server.
            }
        }

        public async ValueTask DisposeAsync() => await fixture.DisposeAsync();
    }

    private sealed record Transaction(NpgsqlConnection Connection, NpgsqlTransaction Of) : IAsyncDisposable
    {
        public async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, Connection, Of);
            await command.ExecuteNonQueryAsync();
        }

        public Task CommitAsync() => Of.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await Of.DisposeAsync();
            await Connection.DisposeAsync();
        }
    }
}
