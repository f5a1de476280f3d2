using System.Text;
using System.Text.Json;
using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Testing;

/// <summary>Entities that are asked for, as a host asks and a vendor answers.</summary>
internal static class Asks
{
    /// <summary>How long an answer serves.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromDays(10);

    /// <summary>How long an answer serves that nothing was found.</summary>
    public static readonly TimeSpan FreshNotFound = TimeSpan.FromDays(1);

    public static async Task<AskBatch> OpenAsync(Scene scene, string client = Scene.Client, string key = "asks/company") =>
        await TryOpenAsync(scene, client, key) ?? throw new ConformanceException("The batch of asks could not be opened.");

    public static Task<AskBatch?> TryOpenAsync(Scene scene, string client = Scene.Client, string key = "asks/company") => scene.Store.OpenAsksAsync(
        new()
        {
            Client = client,
            Key = key,
            Answers = Scene.Hash("answers of company"),
            Id = Guid.CreateVersion7(scene.Clock.GetUtcNow()),
            UploadId = Guid.CreateVersion7(scene.Clock.GetUtcNow()),
            Fields = ["company.domain", "company.name"],
            Pipeline = "asks.company",
            Snapshot = Scene.Snapshot(1),
        },
        default);

    public static WantedEntity Entity(string key, short? bucket = null) =>
        new(bucket ?? (short)(Scene.Hash(key)[0] % Bucket.Count), key, JsonSerializer.SerializeToUtf8Bytes(new[] { key, "Acme" }));

    public static AskRequest Request(AskBatch asks, IEnumerable<WantedEntity> entities, short asker = 0) =>
        new() { Asks = asks, Asker = asker, Entities = [.. entities], Fresh = Fresh, FreshNotFound = FreshNotFound };

    public static async Task<IReadOnlyList<Asked>> AskAsync(Scene scene, AskBatch asks, short asker, params string[] keys) =>
        await scene.Store.AskAsync(Request(asks, keys.Select(key => Entity(key)), asker), default) ?? throw new ConformanceException("The batch of asks is closed.");

    /// <summary>Asks for one entity on behalf of all items of a claim, and lets them wait.</summary>
    public static async Task<(Ask Ask, IReadOnlyList<Ask> Ended)> WaitAsync(Scene scene, AskBatch asks, Claim claim, string key = "acme.com")
    {
        var asked = Expect.Single(await AskAsync(scene, asks, claim.Lease.Range.Bucket, key));
        Expect.Null(asked.Kind);
        return (asked.Ask, await AwaitAsync(scene, claim, asked.Ask));
    }

    public static Task<IReadOnlyList<Ask>> AwaitAsync(Scene scene, Claim claim, Ask ask) =>
        scene.Store.AwaitAsync(claim.Lease, [.. claim.Items.Select(item => new EntityWait(item.Item, item.Attempt, item.Generation, ask))], Times.Deadline, default);

    /// <summary>Works on whatever is due of the batch of asks. Returns the ranges in which something ended.</summary>
    public static async Task<IReadOnlyList<RangeKey>> EndAsync(Scene scene, AskBatch asks, Func<ClaimedItem, ItemCommit>? outcome = null)
    {
        var batch = await scene.Store.LoadBatchAsync(asks.Batch, default);
        var ranges = new List<RangeKey>();
        while (await scene.TryClaimAsync(batch) is { } claim)
        {
            var changed = await scene.Store.CommitAsync(new(claim.Lease, "host", AttemptsAreOpen: false, [.. claim.Items.Select(outcome ?? Answered)]) { Asks = true }, default);
            Expect.Equal(claim.Items.Count, changed.Count);
            Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
            ranges.Add(claim.Lease.Range);
        }

        return ranges;
    }

    /// <summary>Works on whatever is due of the batch of asks, and shares it. Returns how many waiting items changed.</summary>
    public static async Task<int> EndAndShareAsync(Scene scene, AskBatch asks, Func<ClaimedItem, ItemCommit>? outcome = null)
    {
        var changed = 0;
        foreach (var range in await EndAsync(scene, asks, outcome))
        {
            changed += await scene.Store.ShareAsync(range, null, default);
        }

        return changed;
    }

    public static ItemCommit Answered(ClaimedItem item) => Commits.Completed(item, result: $$"""{"company.size":42,"by":{{Encoding.UTF8.GetString(item.Raw.Span)}}}""");
}
