using System.Text;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Conformance;

/// <summary>Entities that are asked for, as a host asks and a vendor answers.</summary>
internal static class EntityScene
{
    /// <summary>How long an answer serves.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromDays(10);

    /// <summary>How long an answer serves that nothing was found.</summary>
    public static readonly TimeSpan FreshNotFound = TimeSpan.FromDays(1);

    public static async Task<EntityRequestBatch> OpenAsync(
        Scene scene,
        string client = Scene.Client,
        string key = "entity-requests/company") => await TryOpenAsync(scene, client, key) ?? throw new ConformanceException("The request batch could not be opened.");

    public static Task<EntityRequestBatch?> TryOpenAsync(
        Scene scene,
        string client = Scene.Client,
        string key = "entity-requests/company") =>
        scene.Store.OpenRequestBatchAsync(
            new()
            {
                Client = client,
                Key = key,
                Answers = Scene.Hash("answers of company"),
                Id = Guid.CreateVersion7(scene.Clock.GetUtcNow()),
                UploadId = Guid.CreateVersion7(scene.Clock.GetUtcNow()),
                Fields = ["company.domain", "company.name"],
                Pipeline = "entity-requests.company",
                Snapshot = Scene.Snapshot(1),
            },
            default);

    public static WantedEntity Entity(string key, short? bucket = null) =>
        new(bucket ?? (short)(Scene.Hash(key)[0] % Bucket.Count), key, JsonSerializer.SerializeToUtf8Bytes(new[] { key, "Acme" }));

    public static EntityRequestSet Request(EntityRequestBatch requests, IEnumerable<WantedEntity> entities, short waiterBucket = 0) =>
        new() { Batch = requests, WaiterBucket = waiterBucket, Entities = [.. entities], Fresh = Fresh, FreshNotFound = FreshNotFound };

    public static async Task<IReadOnlyList<RequestedEntity>> RequestAsync(
        Scene scene,
        EntityRequestBatch requests,
        short waiterBucket,
        params string[] keys) =>
        await scene.Store.RequestAsync(Request(requests, keys.Select(key => Entity(key)), waiterBucket), default)
        ?? throw new ConformanceException("The request batch is closed.");

    /// <summary>Asks for one entity on behalf of all items of a claim, and lets them wait.</summary>
    public static async Task<(EntityRequest EntityRequest, IReadOnlyList<EntityRequest> Ended)> WaitAsync(
        Scene scene,
        EntityRequestBatch requests,
        Claim claim,
        string key = "acme.com")
    {
        var requested = Expect.Single(await RequestAsync(scene, requests, claim.Lease.Range.Bucket, key));
        Expect.Null(requested.Kind);
        return (requested.EntityRequest, await AwaitEntitiesAsync(scene, claim, requested.EntityRequest));
    }

    public static Task<IReadOnlyList<EntityRequest>> AwaitEntitiesAsync(
        Scene scene,
        Claim claim,
        EntityRequest request,
        string owner = "host") =>
        scene.Store.AwaitEntitiesAsync(
            claim.Lease,
            owner,
            [.. claim.Items.Select(item => new EntityWaiter(item.Item, item.Attempt, item.Generation, request))],
            Times.Deadline,
            default);

    /// <summary>Works on whatever is due of the request batch. Returns the ranges in which something ended.</summary>
    public static async Task<IReadOnlyList<RangeKey>> EndAsync(
        Scene scene,
        EntityRequestBatch requests,
        Func<ClaimedItem, StateChange>? outcome = null)
    {
        var batch = await scene.Store.LoadBatchAsync(requests.Batch, default);
        var ranges = new List<RangeKey>();
        while (await scene.TryClaimAsync(batch) is { } claim)
        {
            var changed = await scene.Store.CommitAsync(
                new(claim.Lease, "host", AttemptsAreOpen: false, [.. claim.Items.Select(outcome ?? Answered)]) { IsRequestBatch = true },
                default);
            Expect.Equal(claim.Items.Count, changed.Count);
            Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
            ranges.Add(claim.Lease.Range);
        }

        return ranges;
    }

    /// <summary>Works on whatever is due of the request batch, and shares it. Returns how many waiting items changed.</summary>
    public static async Task<int> EndAndShareAsync(Scene scene, EntityRequestBatch requests, Func<ClaimedItem, StateChange>? outcome = null)
    {
        var changed = 0;
        foreach (var range in await EndAsync(scene, requests, outcome))
        {
            changed += (await scene.Store.CompleteWaitersAsync(range, null, default)).Total();
        }

        return changed;
    }

    /// <summary>How many items were moved.</summary>
    public static int Total(this IReadOnlyList<MovedItems> moved) => moved.Sum(items => items.Count);

    public static StateChange Answered(ClaimedItem item) =>
        Commits.Completed(item, result: $$"""{"company.size":42,"by":{{Encoding.UTF8.GetString(item.Raw.Span)}}}""");
}
