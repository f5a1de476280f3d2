using Enrichment.Entities;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// Lets items that are about one entity share one call: a stored answer completes them, or they wait for the request of their entity. Few
/// or none go on to call for themselves.
/// </summary>
internal sealed class CoalesceEntityRequests(EntityRequests requests, WriteOutcomes write) : Phase
{
    public override string Name => "coalesce entity requests";

    public override async ValueTask<IReadOnlyList<ClaimedItem>> RunAsync(
        ClaimedWork work,
        IReadOnlyList<ClaimedItem> items,
        CancellationToken stop)
    {
        var stage = work.Plan.Stage;
        if (stage.Entity is null)
        {
            return items;
        }

        var requested = await requests.RequestAsync(work.Plan, work.Lease.Range.Bucket, items).ConfigureAwait(false);
        await write.WriteAsync(work, requested.Outcomes).ConfigureAwait(false);
        if (requested.Waits.Count > 0)
        {
            work.Advanced |= await requests
                .AwaitEntitiesAsync(work.Plan, work.Lease, requested.Waits, work.IsAnsweredLater ? stage.Manifest.Deadline : stage.Timeout)
                .ConfigureAwait(false);
        }

        work.Advanced |= requested.Made;
        return requested.Own;
    }
}
