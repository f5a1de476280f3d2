using Enrichment.Pipelines;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>A block of calls that is handed out with the items it was leased for: one for each, in their order.</summary>
/// <param name="leased">As the store gave it.</param>
/// <param name="limits">What it is of.</param>
/// <param name="at">When the store had answered.</param>
/// <param name="time">The clock of that.</param>
internal sealed class WorkerBlock(LeasedPermits leased, CallLimits limits, long at, TimeProvider time)
{
    public long Number => leased.Block;

    public int Calls => leased.Calls;

    /// <summary>Says of each item when its call may leave, from now on.</summary>
    /// <remarks>
    /// What has passed since the store gave the block moves all of it, so that no two calls leave together; so does the way of the answer.
    /// Half of what a call may be late is for both, the other half is the worker's own.
    /// </remarks>
    public IReadOnlyList<ExternalTaskItem> Hand(IReadOnlyList<ExternalTaskItem> items)
    {
        var first = Math.Max(0, (leased.StartsIn - time.GetElapsedTime(at)).TotalSeconds);
        var late = (limits.Rate is null ? PermitRequest.LongestBlock : limits.Late / 2).TotalSeconds;
        return
        [
            .. items
                .Select((item, call) => (item, after: first + (call * limits.Gap.TotalSeconds)))
                .Select(moment =>
                    moment.item with
                    {
                        CallAfterSeconds = Math.Round(moment.after, 6),
                        CallBySeconds = Math.Round(moment.after + late, 6),
                    }),
        ];
    }
}
