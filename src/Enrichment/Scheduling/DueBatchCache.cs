using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.Scheduling;

/// <summary>The due batches that a query found.</summary>
/// <param name="Batches">The batches.</param>
/// <param name="Except">The stages that were left out.</param>
internal sealed record DueSeen(IReadOnlyList<DueBatch> Batches, IReadOnlyCollection<(int Batch, short Stage)> Except);

/// <summary>
/// The due batches that this host last found, and the accounts that are used up. One query serves all claim loops. Cached for nine times
/// the query's
/// duration, at most 25 ms.
/// </summary>
/// <remarks>
/// The query's cost grows with the open batches. A slightly old list does no harm: the claim decides whether a range has work.
/// </remarks>
internal sealed class DueBatchCache(
    Func<IReadOnlyCollection<(int Batch, short Stage)>, CancellationToken, Task<DueWork>> look,
    VendorCredits credits,
    TimeProvider time) : IDisposable
{
    private const int ServesFor = 9; // times as long as it took

    // What took long once, because the machine was busy, must not make the host blind for long.
    private static readonly TimeSpan ServesAtMost = TimeSpan.FromMilliseconds(25);

    private readonly SemaphoreSlim gate = new(1, 1);
    private DueSeen seen = new([], []);
    private long begun;
    private long servesUntil = long.MinValue;

    /// <summary>The batches in which something may be due.</summary>
    /// <param name="since">The look must not have begun earlier than this timestamp; then it may have to be waited for.</param>
    /// <param name="except">Stages to leave out, if this makes a look.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<DueSeen> ReadAsync(long since, Func<IReadOnlyCollection<(int Batch, short Stage)>> except, CancellationToken stop)
    {
        while (true)
        {
            TimeSpan wait;
            await gate.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                var now = time.GetTimestamp();
                if (now >= servesUntil)
                {
                    begun = now;
                    var leftOut = except();
                    var due = await look(leftOut, stop).ConfigureAwait(false);
                    credits.Learn(due.UsedUp, begun);
                    seen = new(due.Batches, leftOut);
                    now = time.GetTimestamp();
                    servesUntil = now + Math.Min(ServesFor * (now - begun), (long)(ServesAtMost.TotalSeconds * time.TimestampFrequency));
                }

                if (begun >= since)
                {
                    return seen;
                }

                wait = time.GetElapsedTime(now, servesUntil);
            }
            finally
            {
                gate.Release();
            }

            await Task.Delay(wait, time, stop).ConfigureAwait(false);
        }
    }

    public void Dispose() => gate.Dispose();
}
