using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Callbacks;

/// <summary>
/// Counts refused deliveries by reason. It writes the counts every five seconds, because forged deliveries must not cost a write each.
/// Thread-safe.
/// </summary>
internal sealed class RefusalCounter : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, int> counts = new();
    private readonly IInboxStore store;
    private readonly ILogger logger;
    private readonly ITimer timer;

    public RefusalCounter(IInboxStore store, TimeProvider time, ILogger logger)
    {
        this.store = store;
        this.logger = logger;
        timer = time.CreateTimer(_ => _ = WriteAsync(), null, Interval, Interval);
    }

        /// <summary>Counts one refusal. There are few reasons, and none contains text of a sender.</summary>
    /// <returns>The number of refusals for this reason since the last write.</returns>
    public int Count(string reason) => counts.AddOrUpdate(reason, 1, (_, before) => before + 1);

    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync().ConfigureAwait(false);
        await WriteAsync().ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        List<(string Reason, int Times)> taken = [];
        foreach (var reason in counts.Keys.Order(StringComparer.Ordinal))
        {
            if (counts.TryRemove(reason, out var times))
            {
                taken.Add((reason, times));
            }
        }

        try
        {
            if (taken.Count > 0)
            {
                await store.NoteRefusedAsync(taken, CancellationToken.None).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // Nobody waits for this task: counts that cannot be written now are written with the next.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.StoreFailed(logger, Interval, exception);
            taken.ForEach(count => counts.AddOrUpdate(count.Reason, count.Times, (_, since) => since + count.Times));
        }
    }
}
