using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>How permit blocks are requested.</summary>
internal static class PermitRequest
{
    /// <summary>
    /// A block is about as long as two calls take, so that two claim loops keep the vendor busy; and short, because it is lost with its
    /// holder.
    /// </summary>
    public static readonly TimeSpan ShortestBlock = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The longest, however long calls take. Also how late a call may leave where no rate gives it a time, so that calls stop soon after a
    /// vendor asks to slow down.
    /// </summary>
    public static readonly TimeSpan LongestBlock = TimeSpan.FromSeconds(5);

    // The least is what it takes to claim items and to write their attempts before the first call.
    private static readonly TimeSpan Ahead = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Lead = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(5);

    /// <summary>How many calls fit into a block.</summary>
    public static int Fitting(CallLimits limits, TimeSpan span, int most) =>
        limits.Rate is null ? most : (int)Math.Clamp(span / limits.Gap, 1, most);

    /// <summary>Requests so many calls.</summary>
    public static PermitBlockRequest Of(CallLimits limits, LimitKey key, string client, string owner, int calls, TimeSpan lease) => new()
    {
        Limit = key,
        Client = client,
        Owner = owner,
        Calls = calls,
        Gap = limits.Gap,
        Concurrency = limits.Concurrency ?? 0,
        Ahead = Ahead,
        Lead = Lead,
        Window = TimeSpan.FromTicks(Math.Max(ShortestWindow.Ticks, 20 * limits.Gap.Ticks)),
        Lease = lease,
    };
}
