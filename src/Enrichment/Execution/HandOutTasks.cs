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

        var moments = work.Allowance?.Lease?.TakeMoments(items.Count);
        try
        {
            await HandOutAsync(work, items, moments).ConfigureAwait(false);
        }
        finally
        {
            moments?.ForEach(moment => moment.Call.End());
        }

        return [];
    }

    private async Task HandOutAsync(ClaimedWork work, IReadOnlyList<ClaimedItem> items, List<(TimeSpan After, Permit Call)>? moments)
    {
        var (plan, stage) = (work.Plan, work.Plan.Stage);
        var late = stage.Limits is { Rate: not null } limits ? limits.Late / 2 : PermitRequest.LongestBlock;
        List<TaskStart> tasks =
        [
            .. moments is null
                ? items.Select(item => Start(plan, item, TimeSpan.Zero, StagePlan.LongestUnfetched))
                : items.Zip(moments, (item, at) => Start(plan, item, at.After, at.After + late) with { Trial = Trial(at.Call) }),
        ];
        if (tasks.Count == 0)
        {
            return;
        }

        host.Credits.Begin(plan);

        // Repeated, it finds what it has handed out already.
        await storeRetry.RunAsync(
            token => store.HandOutAsync(
                new()
                {
                    Lease = work.Lease,
                    Owner = host.Run.Owner,
                    Client = plan.Batch.Client,
                    Step = stage.Manifest.Slug,
                    Version = stage.Manifest.Version,
                    Settings = stage.Settings?.GetRawText(),
                    Sending = plan.Sending,
                    Limited = moments is not null,
                    Tasks = tasks,
                },
                token),
            work.Lost).ConfigureAwait(false);
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
