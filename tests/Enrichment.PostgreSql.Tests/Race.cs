using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests;

/// <summary>A store with a batch of one item.</summary>
internal sealed class Race : IAsyncDisposable
{
    private static readonly byte[] Token = new byte[32];

    private readonly PostgreSqlFixture fixture;
    private readonly Upload upload;

    private Race(PostgreSqlFixture fixture, Upload upload, Batch batch) =>
        (this.fixture, this.upload, Batch) = (fixture, upload, batch.Key);

    public IEnrichmentStore Store => fixture.Store;

    public int Batch { get; }

    public static async Task<Race> StartAsync(PostgresDatabase database, string settings = "")
    {
        var fixture = await PostgreSqlFixture.CreateAsync($"{database.ConnectionString};{settings}");
        var staging = await fixture.Store.BeginUploadAsync(new("acme", "any", "1", "one.csv"), default);
        await fixture.Store.StageAsync(staging, [new(1, "[\"a\"]"u8.ToArray())], [], default);
        var upload = await fixture.Store.SealAsync(
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
        return new(fixture, upload, await LaunchAsync(fixture.Store, upload, "once"));
    }

    public Task<Batch> LaunchAsync(string key) => LaunchAsync(Store, upload, key);

    public async Task<Transaction> BeginAsync()
    {
        var connection = (NpgsqlConnection)await fixture.OpenAsync();
        return new(connection, await connection.BeginTransactionAsync());
    }

    public async Task<Candidate> CandidateAsync() => Assert.Single(await Store.FindCandidatesAsync(Batch, [], 1, default));

    public async Task<Claim?> ClaimAsync(Candidate? candidate = null) =>
        await Store.ClaimAsync(
            new()
            {
                Candidate = candidate ?? await CandidateAsync(),
                Owner = "host",
                Lease = TimeSpan.FromMinutes(1),
                Limit = 10,
                ByteLimit = 1000,
                Upload = upload.Key,
                Sources = [],
            },
            default);

    /// <summary>Sends the item's call. Returns the delivery that answers it.</summary>
    public async Task<Delivery> SendAsync()
    {
        var claim = await ClaimAsync();
        await Store.BeginSendingAsync(
            claim!.Lease,
            "host",
            [new(1, 1, 1) { TokenHash = Token }],
            new(WaitReason.Callback, TimeSpan.FromHours(1), TimeSpan.FromHours(1)),
            default);
        Assert.True(await Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));
        return new()
        {
            Attempt = new(claim.Lease.Range, 1, 1),
            TokenHash = Token,
            Message = "one",
            Headers = "{}",
            Body = "done"u8.ToArray(),
        };
    }

    public async Task<EntityRequestBatch> OpenRequestsAsync()
    {
        var key = new EntityRequestBatchKey
        {
            Client = "acme",
            Key = "entity-requests/one",
            Answers = new byte[32],
            Id = Guid.CreateVersion7(),
            UploadId = Guid.CreateVersion7(),
            Fields = ["name"],
            Pipeline = "entity-requests.one",
            Snapshot = """{"stages":[{}]}""",
        };
        return (await Store.OpenRequestBatchAsync(key, default))!;
    }

    /// <summary>Claims the item and asks for its entity.</summary>
    public async Task<(Claim Claim, EntityRequest EntityRequest)> RequestAsync()
    {
        var requests = await OpenRequestsAsync();
        var claim = (await ClaimAsync())!;
        var asked = await Store.RequestAsync(
            new()
            {
                Batch = requests,
                WaiterBucket = claim.Lease.Range.Bucket,
                Entities = [new(7, "a", "[\"a\"]"u8.ToArray())],
                Fresh = TimeSpan.FromDays(1),
                FreshNotFound = TimeSpan.FromDays(1),
            },
            default);
        return (claim, Assert.Single(asked!).EntityRequest);
    }

    public Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(Claim claim, EntityRequest ask) =>
        Store.AwaitEntitiesAsync(claim.Lease, "host", [new(1, 0, 1, ask)], TimeSpan.FromHours(1), default);

    /// <summary>Lets the item wait for its entity.</summary>
    public async Task<EntityRequest> WaitAsync()
    {
        var (claim, ask) = await RequestAsync();
        await AwaitEntitiesAsync(claim, ask);
        await Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        return ask;
    }

    /// <summary>Answers an ask, without sharing it.</summary>
    public async Task EndAsync(EntityRequest ask)
    {
        var batch = await Store.LoadBatchAsync(ask.Batch, default);
        var claim = await Store.ClaimAsync(
            new()
            {
                Candidate = Assert.Single(await Store.FindCandidatesAsync(ask.Batch, [], 1, default)),
                Owner = "host",
                Lease = TimeSpan.FromMinutes(1),
                Limit = 10,
                ByteLimit = 1000,
                Upload = batch.Upload,
                Sources = [],
            },
            default);
        var outcome = new StateChange
        {
            Item = ask.Item,
            ExpectedAttempt = 0,
            Attempt = 1,
            Generation = 1,
            Status = Status.Completed,
            Outcome = StepOutcomeKind.Completed,
            Result = "{}"u8.ToArray(),
            Tries = 1,
        };
        Assert.Equal(
            [ask.Item],
            await Store.CommitAsync(new(claim!.Lease, "host", AttemptsAreOpen: false, [outcome]) { IsRequestBatch = true }, default));
    }

    public Task<int> ExecuteAsync(string sql) => fixture.ExecuteRawAsync(sql);

    private static Task<Batch> LaunchAsync(IEnrichmentStore store, Upload upload, string key) => store.LaunchAsync(
        new LaunchRequest
        {
            Id = Guid.CreateVersion7(), Client = "acme", Upload = upload.Key, Key = key, RequestHash = new byte[] { 1 }, Pipeline = "p",
            Snapshot = """{"stages":[{"manifest":{"effects":"Pure"}}]}""",
        },
        null,
        default);

    public async Task DeletePrunedAsync(Batch batch)
    {
        await foreach (var _ in Store.DeletePrunedAsync(batch, default))
        {
        }
    }

    public Task<long> CountAsync(string sql) => fixture.CountRawAsync(sql);

    /// <summary>
    /// Returns when a call waits for a lock, or has ended without. Only this store's own connections count: others work on the same
    /// server.
    /// </summary>
    public Task IsHeldUpAsync(Task call) =>
        Wait.UntilAsync(async () =>
            call.IsCompleted
            || await fixture.CountRawAsync(
                "select count(*) from pg_stat_activity where application_name = current_setting('application_name') and wait_event_type = 'Lock'") > 0);

    public async ValueTask DisposeAsync() => await fixture.DisposeAsync();
}

internal sealed record Transaction(NpgsqlConnection Connection, NpgsqlTransaction Of) : IAsyncDisposable
{
    public async Task ExecuteAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, Connection, Of) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public Task CommitAsync() => Of.CommitAsync();

    public async ValueTask DisposeAsync()
    {
        await Of.DisposeAsync();
        await Connection.DisposeAsync();
    }
}
