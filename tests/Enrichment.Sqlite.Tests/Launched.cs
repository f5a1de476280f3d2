using System.Text;
using Enrichment.Storage;

namespace Enrichment.Sqlite.Tests;

/// <summary>A store with a batch, and the few moves that tests make on it.</summary>
internal sealed record Launched(SqliteStore Store, Upload Upload, Batch Batch)
{
    public static async Task<Launched> BatchOfAsync(SqliteStore store, int rows, int stages = 1)
    {
        await store.MigrateAsync(default);
        var upload = await StageAsync(store, "acme", rows);
        return new(store, upload, await store.LaunchAsync(Request(upload, stages: stages), null, default));
    }

    public static async Task<Upload> StageAsync(SqliteStore store, string client, int rows, byte fingerprint = 1)
    {
        var staging = await store.BeginUploadAsync(new(client, "crm_data", "1", "leads.csv"), default);
        await store.StageAsync(
            staging,
            [.. Enumerable.Range(1, rows).Select(row => new StagedRow(row, Encoding.UTF8.GetBytes($"""["row {row}"]""")))],
            [new(rows + 1, rows + 2, "ragged", "too many cells", new byte[] { 0, 255, 1 })],
            default);
        return await store.SealAsync(
            staging,
            new()
            {
                SizeBytes = 10,
                Sha256 = new byte[] { 9 },
                Fingerprint = new[] { fingerprint },
                Columns = ["Name"],
                HeaderMap = new Dictionary<string, IReadOnlyList<int>> { ["person.name"] = [0] },
                Report = "{}",
                Accepted = rows,
                Rejected = 1,
            },
            default);
    }

    public static LaunchRequest Request(Upload upload, string key = "first", byte hash = 1, int stages = 1) => new()
    {
        Id = Guid.CreateVersion7(),
        Client = upload.Client,
        Upload = upload.Key,
        Key = key,
        RequestHash = new[] { hash },
        Pipeline = "leads",
        Snapshot = $$"""{"stages":[{{string.Join(',', Enumerable.Repeat("""{"manifest":{"effects":"Pure"}}""", stages))}}]}""",
    };

    public async Task<Claim?> ClaimAsync(string owner = "host", int limit = 100, TimeSpan? lease = null, params short[] sources)
    {
        foreach (var candidate in await Store.FindCandidatesAsync(Batch.Key, [], 10, default))
        {
            if (await Store.ClaimAsync( new()
                    {
                        Candidate = candidate,
                        Owner = owner,
                        Lease = lease ?? TimeSpan.FromMinutes(1),
                        Limit = limit,
                        ByteLimit = 1 << 20,
                        Upload = Upload.Key,
                        Sources = sources,
                    },
                    default) is
                { } claim)
            {
                return claim;
            }
        }

        return null;
    }

    public Task<IReadOnlyList<int>> CompleteAsync(Claim claim, string result = """{"a":1}""", bool advances = false) =>
        CommitAsync(
            claim,
            item =>
                new()
                {
                    Item = item.Item,
                    ExpectedAttempt = item.Attempt,
                    Attempt = item.Attempt + 1,
                    Generation = item.Generation,
                    Status = Status.Completed,
                    Outcome = StepOutcomeKind.Completed,
                    Result = Encoding.UTF8.GetBytes(result),
                    Tries = 1,
                    Advances = advances,
                });

    public Task<IReadOnlyList<int>> CommitAsync(Claim claim, Func<ClaimedItem, StateChange> outcome) =>
        Store.CommitAsync(new(claim.Lease, "host", AttemptsAreOpen: false, [.. claim.Items.Select(outcome)]), default);
}
