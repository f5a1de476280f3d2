using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.Testing;

namespace Enrichment.Conformance;

/// <summary>A store on the stage of one case, with the verbs that cases share: uploading, launching, claiming, reading.</summary>
internal sealed class Scene(StoreFixture fixture)
{
    public const string Client = "acme";

    private int launches;

    public IEnrichmentStore Store => fixture.Store;

    public FakeClock Clock => fixture.Clock;

    public StoreFixture Fixture => fixture;

    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    public static StagedRow Row(int number, string? cell = null) =>
        new(number, JsonSerializer.SerializeToUtf8Bytes(new[] { cell ?? Name(number), $"site-{number}.com" }));

    public static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"Company {number}");

    /// <summary>The least that a batch can hold as its pipeline: so many stages of a step without effects.</summary>
    public static string Snapshot(int stages, bool optional = false)
    {
        var stage = $$"""{"step":"test.step","version":"1.0.0","optional":{{(optional ? "true" : "false")}}}""";
        return $$"""{"name":"walk","stages":[{{string.Join(',', Enumerable.Repeat(stage, stages))}}]}""";
    }

    public static UploadSeal Seal(string content, int accepted, int rejected = 0, bool again = false) => new()
    {
        SizeBytes = content.Length,
        Sha256 = Hash(content),
        Fingerprint = Hash("fingerprint of " + content),
        Again = again,
        Columns = ["company", "website"],
        HeaderMap = new Dictionary<string, IReadOnlyList<int>> { ["company.name"] = [0], ["company.website"] = [1] },
        Report = """{"accepted":1}""",
        Accepted = accepted,
        Rejected = rejected,
    };

    public Task<Storage.Staging> BeginAsync(string client = Client, string? fileName = "leads.csv") =>
        Store.BeginUploadAsync(new(client, "leads", "1", fileName), default);

    public async Task<Upload> UploadAsync(int rows, string client = Client, string content = "leads")
    {
        var staging = await BeginAsync(client);
        foreach (var chunk in Enumerable.Range(1, rows).Chunk(2_000))
        {
            await Store.StageAsync(staging, [.. chunk.Select(n => Row(n))], [], default);
        }

        return await Store.SealAsync(staging, Seal($"{content} {rows}", rows), default);
    }

    public LaunchRequest Request(
        Upload upload,
        int stages = 1,
        string? key = null,
        IReadOnlyList<int>? rows = null,
        bool optional = false,
        short priority = 10) =>
        new()
        {
            Id = Guid.CreateVersion7(Clock.GetUtcNow()),
            Client = upload.Client,
            Upload = upload.Key,
            Key = key ?? $"launch {++launches}",
            RequestHash = Hash($"{upload.Id} {stages} {(rows is null ? "all" : string.Join(',', rows))}"),
            Pipeline = "walk",
            Snapshot = Snapshot(stages, optional),
            Rows = rows is null ? BucketRun.All : BucketRun.Of(upload.Id, rows),
            Priority = priority,
        };

    public Task<Batch> LaunchAsync(
        Upload upload,
        int stages = 1,
        string? key = null,
        IReadOnlyList<int>? rows = null,
        bool optional = false,
        short priority = 10) => Store.LaunchAsync(Request(upload, stages, key, rows, optional, priority), null, default);

    /// <summary>A batch over an upload of its own.</summary>
    public async Task<Batch> BatchAsync(int rows, int stages = 1, bool optional = false) =>
        await LaunchAsync(await UploadAsync(rows, content: $"leads {launches}"), stages, optional: optional);

    public async Task<Claim> ClaimAsync(
        Batch batch,
        short stage = 1,
        int limit = 100,
        string owner = "host",
        TimeSpan? lease = null,
        IReadOnlyList<short>? sources = null,
        long byteLimit = 1 << 20) =>
        await TryClaimAsync(batch, stage, limit, owner, lease, sources, byteLimit)
        ?? throw new ConformanceException($"Nothing of batch {batch.Key} at stage {stage} could be claimed.");

    public async Task<Claim?> TryClaimAsync(
        Batch batch,
        short stage = 1,
        int limit = 100,
        string owner = "host",
        TimeSpan? lease = null,
        IReadOnlyList<short>? sources = null,
        long byteLimit = 1 << 20)
    {
        foreach (var candidate in await CandidatesAsync(batch, stage))
        {
            if (await Store.ClaimAsync(Claiming(candidate, batch, limit, owner, lease, sources, byteLimit), default) is { } claim)
            {
                return claim;
            }
        }

        return null;
    }

    public static ClaimRequest Claiming(
        Candidate candidate,
        Batch batch,
        int limit = 100,
        string owner = "host",
        TimeSpan? lease = null,
        IReadOnlyList<short>? sources = null,
        long byteLimit = 1 << 20) =>
        new()
        {
            Candidate = candidate,
            Owner = owner,
            Lease = lease ?? Times.Lease,
            Limit = limit,
            ByteLimit = byteLimit,
            Upload = batch.Upload,
            Sources = sources ?? [],
        };

    public async Task<IReadOnlyList<Candidate>> CandidatesAsync(Batch batch, short? stage = null) =>
        await IsDueAsync(batch)
            ? [.. (await Store.FindCandidatesAsync(batch.Key, [], 1_000, default)).Where(c => stage is null || c.Range.Stage == stage)]
            : [];

    public async Task<bool> IsDueAsync(Batch batch, params (int Batch, short Stage)[] except) =>
        (await Store.FindDueAsync(except, default)).Batches.Any(due => due.Batch == batch.Key);

    public Task<bool> HasOpenWorkAsync(params (int Batch, short Stage)[] except) => Store.HasOpenWorkAsync(except, [], default);

    public Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(
        Claim claim,
        Batch batch,
        IReadOnlyList<short>? sources = null,
        long byteLimit = 1 << 20) =>
        Store.ReadAgainAsync(
            Claiming(new(claim.Lease.Range, claim.Lease.Token), batch, sources: sources, byteLimit: byteLimit),
            claim.Lease,
            default);

    public Task<IReadOnlyList<int>> CommitAsync(Lease lease, IEnumerable<StateChange> items, bool begun = false, string owner = "host") =>
        Store.CommitAsync(new(lease, owner, begun, [.. items]), default);

    /// <summary>Claims and completes whatever is due at a stage, and gives the leases back.</summary>
    public async Task<int> WorkAsync(Batch batch, short stage = 1, bool advances = false, Func<ClaimedItem, StateChange>? outcome = null)
    {
        outcome ??= item => Commits.Completed(item, advances);
        var done = 0;
        while (await TryClaimAsync(batch, stage, 500) is { } claim)
        {
            for (var items = claim.Items; items.Count > 0; items = await ReadAgainAsync(claim, batch))
            {
                var changed = await CommitAsync(claim.Lease, items.Select(outcome));
                Expect.Equal(items.Count, changed.Count);
                done += changed.Count;
            }

            await Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        }

        return done;
    }

    /// <summary>Completes every stage of every item, and then the batch.</summary>
    public async Task FinishAsync(Batch batch, int stages = 1)
    {
        for (short stage = 1; stage <= stages; stage++)
        {
            await WorkAsync(batch, stage, advances: stage < stages);
        }

        await Store.CompleteBatchesAsync(default);
    }

    public async Task<List<ItemState>> StatesAsync(Batch batch, Status? status = null) =>
        await ToListAsync(Store.ReadStatesAsync(batch.Key, status, default));

    public async Task<ItemState> StateAsync(Batch batch, int item, short stage = 1) =>
        Expect.Single(
            (await StatesAsync(batch)).Where(s => s.Item == item && s.Stage == stage),
            $"the states of item {item} at stage {stage}");

    public async Task<List<StoredResult>> ResultsAsync(Batch batch) => await ToListAsync(Store.ReadResultsAsync(batch.Key, default));

    public async Task<StageCounts> ProgressAsync(Batch batch, short stage = 1) =>
        Expect.Single((await Store.ReadProgressAsync(batch.Key, default)).Where(c => c.Stage == stage), $"the counts of stage {stage}");

    public async Task<Batch> ReloadAsync(Batch batch) => await Store.LoadBatchAsync(batch.Key, default);

    public async Task<IReadOnlyList<TimelineEntry>> TimelineAsync(Batch batch, int item)
    {
        var bucket = await fixture.CountRawAsync($"select bucket from batch_items where batch = {batch.Key} and item = {item}");
        return await Store.ReadTimelineAsync(batch.Key, (short)bucket, item, default);
    }

    /// <summary>The doctor finds nothing.</summary>
    public async Task ExpectHealthyAsync() => Expect.Empty(await Store.ExamineAsync(default), "what the doctor found");

    public static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
        {
            list.Add(item);
        }

        return list;
    }
}
