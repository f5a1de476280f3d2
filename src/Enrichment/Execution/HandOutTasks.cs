using System.Buffers;
using System.Text;
using System.Text.Json;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// Hands the items of an external step out to workers: their attempts and tasks are written together, and no call is made here. The items
/// for which the limit has no moment stay due.
/// </summary>
internal sealed class HandOutTasks(IExternalTaskStore store, StoreRetry storeRetry, StepHost host) : Phase
{
    /// <summary>What the host calls steps with.</summary>
    public StepHost Host => host;

    public override string Name => "hand out tasks";

    public override async ValueTask<IReadOnlyList<ClaimedItem>> RunAsync(
        ClaimedWork work,
        IReadOnlyList<ClaimedItem> items,
        CancellationToken stop)
    {
        if (!work.Plan.Stage.Manifest.External)
        {
            return items;
        }

        var permits = work.Allowance?.Lease?.TakeAll(items.Count);
        try
        {
            await HandOutAsync(work, items, permits).ConfigureAwait(false);
        }
        finally
        {
            permits?.ForEach(permit => permit.End());
        }

        return [];
    }

    private async Task HandOutAsync(ClaimedWork work, IReadOnlyList<ClaimedItem> items, List<Permit>? permits)
    {
        if (permits?.Count == 0)
        {
            return;
        }

        var (plan, stage, taken) = (work.Plan, work.Plan.Stage, host.Run.Time.GetTimestamp());
        var request = new HandOutRequest
        {
            Lease = work.Lease,
            Owner = host.Run.Owner,
            Client = plan.Batch.Client,
            Step = stage.Manifest.Slug,
            Version = stage.Manifest.Version,
            Settings = stage.Settings?.GetRawText(),
            Sending = plan.Sending,
            Limited = permits is not null,
            Tasks = permits is null
                ? [.. items.Select(item => Start(plan, item, TimeSpan.Zero, StagePlan.LongestUnfetched))]
                : [.. items.Zip(permits, (item, permit) => Start(plan, item, default, default) with { Trial = Trial(permit) })],
        };
        host.Credits.Begin(plan);

        // Repeated, it finds what it has handed out already.
        await storeRetry.RunAsync(
            token =>
            {
                var timed = permits is null ? request : request with { Tasks = Timed(plan, request.Tasks, permits, taken) };
                return timed.Tasks.Count > 0 ? store.HandOutAsync(timed, token) : Task.FromResult<IReadOnlyList<int>>([]);
            },
            work.Lost).ConfigureAwait(false);
    }

    /// <summary>
    /// Tasks with the times of their calls from now on, without those whose time has passed meanwhile: their items stay due. The store
    /// adds its own now, so a repeated write would move them.
    /// </summary>
    private List<TaskStart> Timed(StagePlan plan, IReadOnlyList<TaskStart> tasks, List<Permit> permits, long taken)
    {
        var (time, timed) = (host.Run.Time, new List<TaskStart>(tasks.Count));
        var late = plan.Stage.Limits is { Rate: not null } limits ? limits.Late / 2 : PermitRequest.LongestBlock;
        var now = time.GetTimestamp();
        for (var i = 0; i < tasks.Count; i++)
        {
            var after = time.GetElapsedTime(now, Math.Max(permits[i].At, taken));
            if (after + late > TimeSpan.Zero)
            {
                timed.Add(tasks[i] with { After = after > TimeSpan.Zero ? after : TimeSpan.Zero, Until = after + late });
            }
        }

        return timed;
    }

    /// <summary>The block of a failing vendor's trial call.</summary>
    private static long? Trial(Permit call) => call.Block.IsTrial ? call.Block.Key.Block : null;

    private static TaskStart Start(StagePlan plan, ClaimedItem item, TimeSpan after, TimeSpan until) =>
        new(new(item.Item, item.Generation, item.Attempt + 1), plan.IdempotencyKey(item), RecordOf(plan, item), after, until);

    /// <summary>The fields that the step reads, as far as they have a value.</summary>
    private static string RecordOf(StagePlan plan, ClaimedItem item)
    {
        var record = plan.Record(item);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var field in plan.Stage.Manifest.Reads)
            {
                if (record.Value(field) is { } value)
                {
                    json.WritePropertyName(field);
                    value.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
