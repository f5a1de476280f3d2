using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Enrichment.Outcomes;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Entities;

/// <summary>
/// Coalesces the calls of claimed items by entity. A stored answer serves; else the item waits for the open request of its entity; else a
/// request is made, an item of a request batch.
/// </summary>
internal sealed class EntityRequests(
    IEntityRequestStore store, StoreRetry storeRetry, OutcomeWriter writer, string owner, TimeProvider time)
{
    /// <summary>How the launch keys of request batches begin, and no others.</summary>
    public const string Keys = "entity-requests/";

    // Above it, known request batches are read again.
    private const int MostRemembered = 1000;

    private readonly ConcurrentDictionary<(int Batch, short Stage), EntityRequestBatch> known = new();

    /// <summary>Requests the entities of items of one range.</summary>
    public async Task<RequestedItems> RequestAsync(StagePlan plan, short bucket, IReadOnlyList<ClaimedItem> items)
    {
        var policy = plan.Stage.Entity!;
        var asking = new RequestedItems();
        var byKey = new Dictionary<string, List<ClaimedItem>>(StringComparer.Ordinal);
        var wanted = new List<WantedEntity>();
        foreach (var item in items)
        {
            var record = plan.Record(item);
            if (EntityKey.Of(plan.Stage.Manifest.Entity!, record) is not { } entity)
            {
                asking.WithoutKey(plan, item, policy.CallsWithoutKey);
                continue;
            }

            // Within a client the row of the first item serves; between clients the whole row is a part of the key, and has to be known
            // first.
            var shared = policy.Scope == EntityScope.Shared;
            var row = shared ? EntityRow.Of(plan.Stage.Manifest.Reads, record) : null;
            var key = shared && row is { } read ? EntityKey.Of(entity, read) : entity;
            if (byKey.TryGetValue(key, out var same))
            {
                same.Add(item);
                continue;
            }

            if ((row ?? EntityRow.Of(plan.Stage.Manifest.Reads, record)) is not { } raw)
            {
                asking.Own.Add(item);
                continue;
            }

            byKey.Add(key, [item]);
            wanted.Add(Wanted(plan, policy, key, raw));
        }

        if (wanted.Count > 0)
        {
            // An operator's retry of a waiter is the permission to call again.
            List<WantedEntity> requested =
            [
                .. wanted.Zip(byKey.Values, (entity, same) => entity with { Permitted = same.Exists(item => item.Generation > 1) }),
            ];
            asking.Answer(plan, await RequestAsync(plan, policy, bucket, requested).ConfigureAwait(false), [.. byKey.Values]);
        }

        return asking;
    }

    /// <summary>Moves items to wait for their requests, and completes at once the waiters of those that have ended meanwhile.</summary>
    /// <returns>Whether any item changed by that.</returns>
    public async Task<bool> AwaitEntitiesAsync(StagePlan plan, Lease lease, IReadOnlyList<EntityWaiter> waits, TimeSpan actsAfter)
    {
        // Not cancelled half-way: items that began to wait would wait for the sweep. A repetition finds them waiting.
        var over = await storeRetry
            .RunAsync(token => store.AwaitEntitiesAsync(lease, owner, waits, actsAfter, token), CancellationToken.None)
            .ConfigureAwait(false);
        var changed = false;
        foreach (var range in over.GroupBy(request => request.Range))
        {
            int[] ended = [.. range.Select(request => request.Item)];
            changed |= await writer.CompleteWaitersAsync(plan, range.Key, ended).ConfigureAwait(false);
        }

        return changed;
    }

    /// <summary>An entity as it is requested for a stage.</summary>
    public static WantedEntity Wanted(StagePlan plan, EntityPolicy policy, string key, ReadOnlyMemory<byte> raw)
    {
        var scoped = policy.Scope == EntityScope.Batch ? $"{plan.Batch.Id:n}/{key}" : key;
        return new(BucketOf(Client(plan, policy), plan.Stage.Manifest.Entity!.Kind, scoped), scoped, raw);
    }

    /// <summary>Whose answers a stage uses.</summary>
    public static string Client(StagePlan plan, EntityPolicy policy) =>
        policy.Scope == EntityScope.Shared ? Slug.Shared : plan.Batch.Client;

    /// <summary>Names the answers that may serve a stage: equal if step, version, settings and kind are.</summary>
    public static byte[] AnswersOf(StagePlan plan)
    {
        var manifest = plan.Stage.Manifest;
        return SHA256.HashData(
            Encoding.UTF8.GetBytes($"{manifest.Slug}\n{manifest.Version}\n{manifest.Entity!.Kind}\n{plan.Stage.Settings?.GetRawText()}"));
    }

    /// <summary>Of scope, kind and key, so that an entity's bucket is the same in every month.</summary>
    private static short BucketOf(string client, string kind, string key) =>
        (short)(SHA256.HashData(Encoding.UTF8.GetBytes($"{client}\n{kind}\n{key}"))[0] % Bucket.Count);

    /// <summary>Null while the request batch is being cancelled.</summary>
    private async Task<IReadOnlyList<RequestedEntity>?> RequestAsync(
        StagePlan plan,
        EntityPolicy policy,
        short bucket,
        List<WantedEntity> wanted)
    {
        var stage = (plan.Batch.Key, plan.Number);
        known.TryGetValue(stage, out var requests);
        IReadOnlyList<RequestedEntity>? requested = null;
        while (requests is null || (requested = await RequestAsync(requests).ConfigureAwait(false)) is null)
        {
            // Not known to this host, or changed meanwhile. That ends: a batch changes when another of its month is made, when it has been
            // idle for an hour, and when it is cancelled.
            requests = await storeRetry
                .RunAsync(token => store.OpenRequestBatchAsync(BatchRequest(plan, policy), token), CancellationToken.None)
                .ConfigureAwait(false);
            if (requests is null)
            {
                return null;
            }

            if (known.Count >= MostRemembered)
            {
                known.Clear();
            }

            known[stage] = requests;
        }

        return requested;

        ValueTask<IReadOnlyList<RequestedEntity>?> RequestAsync(EntityRequestBatch requests)
        {
            var request = new EntityRequestSet
            {
                Batch = requests,
                WaiterBucket = bucket,
                Entities = wanted,
                Fresh = policy.Fresh,
                FreshNotFound = policy.FreshNotFound,
                Since = policy.Refresh ? plan.Batch.CreatedAt : null,
                Review = plan.Stage.Manifest.Effects == Effects.Review,
            };
            return storeRetry.RunAsync(token => store.RequestAsync(request, token), CancellationToken.None);
        }
    }

    /// <summary>
    /// Answers are equal if step, settings and kind are. How the step is called (its limits, retries, time-out) is told apart too, so that
    /// the requests of each launch are made as it says.
    /// </summary>
    private EntityRequestBatchKey BatchRequest(StagePlan plan, EntityPolicy policy)
    {
        var manifest = plan.Stage.Manifest;
        var snapshot = new PipelineSnapshot
        {
            Pipeline = $"entity-requests.{manifest.Slug}",
            PipelineVersion = "1.0.0",
            Workstream = "entity-requests",
            WorkstreamVersion = "1",
            Stages = [plan.Stage with { When = null, Optional = false, Entity = null }],
        };
        var json = snapshot.ToJson();
        return new()
        {
            Client = Client(plan, policy),
            Key = $"{Keys}{manifest.Slug}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..32]}",
            Answers = AnswersOf(plan),
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            UploadId = Guid.CreateVersion7(time.GetUtcNow()),
            Fields = manifest.Reads,
            Pipeline = snapshot.Pipeline,
            Snapshot = json,
        };
    }
}
