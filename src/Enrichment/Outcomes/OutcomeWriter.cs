using System.Runtime.InteropServices;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Outcomes;

/// <summary>
/// Writes outcomes and completes the waiters of requests that ended: the only caller of the store for either. An answer in hand is never
/// dropped, whatever error the store returns.
/// </summary>
/// <remarks>
/// A set is written in parts of at most <see cref="SetBytes"/>. One that takes too long, or whose data the store refuses, is halved, down
/// to the one item. If the store refuses that, the item ends FAILED, with its answer on the attempt if the store takes it there. After any
/// other error the write is tried again until it succeeds; only a host whose drain time has ended gives up. Items are written in their
/// order, so that two writers never wait for each other: a list of outcomes is sorted where it is.
/// </remarks>
/// <param name="store">Where outcomes are written.</param>
/// <param name="leases">Renews the lease during the write.</param>
/// <param name="storeRetry">
/// Repeats failed writes. Null for a caller that needs the error at once, because it has no answers to lose.
/// </param>
/// <param name="credits">The accounts that are used up. News of them in outcomes is written before the outcomes.</param>
/// <param name="limits">
/// The limits of this host, which are told of each place that an answer frees. Null for a caller without limits.
/// </param>
/// <param name="instruments">Told of each set.</param>
#pragma warning disable CA1001 // Its semaphore is never disposed: nobody asks for its handle, so that it holds nothing.
internal sealed class OutcomeWriter(
    IOutcomeStore store, ILeaseStore leases, StoreRetry? storeRetry, VendorCredits credits, RateLimiters? limits, Instruments instruments)
#pragma warning restore CA1001
{
    /// <summary>How many bytes, before any compression, the outcomes of one write have at most, unless one alone has more.</summary>
    public const long SetBytes = 8 * 1024 * 1024;

    // Each takes a connection, and calls of many ranges may be answered at the same moment. A write that waits for a lock delays others by
    // no more than this.
    private const int WritesAtOnce = 8;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim writing = new(WritesAtOnce, WritesAtOnce);

    // What an outcome has besides its result and its reason.
    private const int CellBytes = 256;

    /// <summary>Writes outcomes under a lease, which is renewed if its date has passed and no other host has taken it.</summary>
    /// <param name="plan">Their stage.</param>
    /// <param name="request">The lease and the outcomes.</param>
    /// <param name="renewal">For how long the lease is renewed; null if it is not.</param>
    public async Task<Written> CommitAsync(StagePlan plan, CommitRequest request, TimeSpan? renewal)
    {
        var items = Sorted(request.Items);
        var written = await WriteAsync(plan, Status.Queued, items, Write).ConfigureAwait(false);
        if (written.Count < items.Count && renewal is { } duration && await RenewAsync(request, duration).ConfigureAwait(false))
        {
            // The lease's date had passed, as it does while the store is out of reach: that is no loss, and the answers still count.
            items = items.FindAll(item => !written.Contains(item.Item));
            written.UnionWith(await WriteAsync(plan, Status.Queued, items, Write).ConfigureAwait(false));
        }

        return await CompleteWaitersAsync(plan, request.Lease.Range, request.Items, written).ConfigureAwait(false);

        Task<IReadOnlyList<int>> Write(int first, int count, CancellationToken cancellationToken) =>
            store.CommitAsync(request with { Items = Part(items, first, count) }, cancellationToken);
    }

    /// <summary>Writes outcomes of calls that were sent.</summary>
    /// <param name="plan">Their stage.</param>
    /// <param name="request">The outcomes, and the deliveries behind them.</param>
    public async Task<Written> SettleAsync(StagePlan plan, SettleRequest request)
    {
        string?[] messages = [.. request.Messages];
        if (messages.Length > 0)
        {
            Array.Sort(Keys(request.Items), messages);
        }

        var items = Sorted(request.Items);
        if (messages.Length > 0)
        {
            credits.NoteDelivered(plan, items);
        }

        var written = await WriteAsync(plan, Status.InProgress, items, Write).ConfigureAwait(false);
        instruments.Telemetry.Answered(plan, items, written, request.SinceSent);
        if (limits is not null
            && plan.CountsUntilAnswered
            && items.Exists(item => item.Status != Status.InProgress && written.Contains(item.Item)))
        {
            limits.Freed(plan);
        }

        return await CompleteWaitersAsync(plan, request.Range, request.Items, written).ConfigureAwait(false);

        Task<IReadOnlyList<int>> Write(int first, int count, CancellationToken cancellationToken) => store.SettleAsync(
            request with
            {
                IsExternal = plan.Stage.Manifest.External,
                Items = Part(items, first, count),
                Messages = messages.Length == 0 ? [] : new ArraySegment<string?>(messages, first, count),
            },
            cancellationToken);
    }

    /// <summary>Told of what external workers report. Null for a caller without limits.</summary>
    public ReportedOutcomes? Reported => limits?.Reported;

    /// <summary>Gives the ends of requests for entities to the items that wait for them.</summary>
    /// <param name="plan">The stage of the requests or of their waiters: the step is the same.</param>
    /// <param name="range">The range of the requests.</param>
    /// <param name="ended">The requests that have ended; null for all of the range.</param>
    /// <returns>Whether waiting items changed.</returns>
    public async Task<bool> CompleteWaitersAsync(StagePlan plan, RangeKey range, IReadOnlyList<int>? ended)
    {
        var moved = await HoldAsync(token => store.CompleteWaitersAsync(range, ended, token), divisible: false).ConfigureAwait(false);
        instruments.Telemetry.Moved(plan, moved);
        return moved.Count > 0;
    }

    private async Task<Written> CompleteWaitersAsync(
        StagePlan plan,
        RangeKey range,
        IEnumerable<StateChange> outcomes,
        HashSet<int> written)
    {
        if (!plan.Batch.IsRequestBatch)
        {
            return new(written, Shared: false);
        }

        List<int> ended =
        [
            .. outcomes.Where(outcome => outcome.Status.IsTerminal() && written.Contains(outcome.Item)).Select(outcome => outcome.Item),
        ];
        if (ended.Count == 0)
        {
            return new(written, Shared: false);
        }

        instruments.Enter("complete waiters", plan, ended.Count);
        return new(written, await CompleteWaitersAsync(plan, range, ended).ConfigureAwait(false));
    }

    /// <param name="plan">Their stage.</param>
    /// <param name="from">The status that the states are in.</param>
    /// <param name="items">The outcomes. One that the store refuses is replaced here by its failure.</param>
    /// <param name="write">Writes a run of them.</param>
    private async Task<HashSet<int>> WriteAsync(
        StagePlan plan,
        Status from,
        List<StateChange> items,
        Func<int, int, CancellationToken, Task<IReadOnlyList<int>>> write)
    {
        instruments.Enter("write outcomes", plan, items.Count);
        await credits.TellAsync(plan, call => HoldAsync(call, divisible: false)).ConfigureAwait(false);
        var entered = await writing.WaitAsync(LongestWait, CancellationToken.None).ConfigureAwait(false);
        try
        {
            var began = instruments.Telemetry.BeginCommit();
            var written = await WritePartsAsync(plan, from, items, write).ConfigureAwait(false);
            instruments.Telemetry.Committed(plan, began, items, written);
            return written;
        }
        finally
        {
            if (entered)
            {
                writing.Release();
            }
        }
    }

    private async Task<HashSet<int>> WritePartsAsync(
        StagePlan plan,
        Status from,
        List<StateChange> items,
        Func<int, int, CancellationToken, Task<IReadOnlyList<int>>> write)
    {
        var written = new HashSet<int>(items.Count);
        var remaining = new Stack<(int First, int Count)>(Parts(items).Reverse());
        while (remaining.TryPop(out var some))
        {
            try
            {
                written.UnionWith(await HoldAsync(token => write(some.First, some.Count, token), some.Count > 1).ConfigureAwait(false));
            }
            catch (Exception exception) when (some.Count > 1 && (StoreRetry.IsOfData(exception) || StoreRetry.IsTimeout(exception)))
            {
                var half = some.Count / 2;
                remaining.Push((some.First + half, some.Count - half));
                remaining.Push((some.First, half));
            }
            catch (Exception exception) when (some.Count == 1 && StoreRetry.IsOfData(exception))
            {
                written.UnionWith(
                    await FailAsync(plan, from, items, some.First, token => write(some.First, 1, token), exception).ConfigureAwait(false));
            }
        }

        return written;
    }

    /// <summary>
    /// Ends an item that the store refuses: with its answer, else without. If it refuses even that, the item is not the trouble, and is
    /// tried again as it was.
    /// </summary>
    private async Task<IReadOnlyList<int>> FailAsync(
        StagePlan plan,
        Status from,
        List<StateChange> items,
        int index,
        Func<CancellationToken, Task<IReadOnlyList<int>>> write,
        Exception refusal)
    {
        var outcome = items[index];
        while (true)
        {
            Log.OutcomeRefused(instruments.Logger, outcome.Item, plan.Batch.Id, refusal);
            var failed = plan.OutcomeRules.Refused(outcome, from, refusal);
            foreach (var each in new[] { failed, failed with { Result = default, Cost = null }, outcome })
            {
                try
                {
                    items[index] = each;
                    return await HoldAsync(write, divisible: false).ConfigureAwait(false);
                }
                catch (Exception exception) when (StoreRetry.IsOfData(exception) && (storeRetry is not null || each != outcome))
                {
                    // The next one may be taken.
                }
            }

            await storeRetry!.RestAsync().ConfigureAwait(false);
        }
    }

    private static List<StateChange> Sorted(IReadOnlyList<StateChange> outcomes)
    {
        var items = outcomes as List<StateChange> ?? [.. outcomes];
        Keys(items).AsSpan().Sort(CollectionsMarshal.AsSpan(items));
        return items;
    }

    private static int[] Keys(IReadOnlyList<StateChange> items)
    {
        var keys = new int[items.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = items[i].Item;
        }

        return keys;
    }

    private static List<StateChange> Part(List<StateChange> items, int first, int count) =>
        count == items.Count ? items : items.GetRange(first, count);

    /// <summary>Runs of neighbours, each within the bytes of one write, at least one item each.</summary>
    private static IEnumerable<(int First, int Count)> Parts(List<StateChange> items)
    {
        var (first, bytes) = (0, 0L);
        for (var i = 0; i < items.Count; i++)
        {
            var own = items[i].Result.Length + (items[i].Error?.Length ?? 0) + CellBytes;
            if (i > first && bytes + own > SetBytes)
            {
                yield return (first, i - first);
                (first, bytes) = (i, 0);
            }

            bytes += own;
        }

        if (items.Count > first)
        {
            yield return (first, items.Count - first);
        }
    }

    private async ValueTask<T> HoldAsync<T>(Func<CancellationToken, Task<T>> call, bool divisible) => storeRetry is null
        ? await call(CancellationToken.None).ConfigureAwait(false)
        : await storeRetry.HoldAsync(call, divisible).ConfigureAwait(false);

    // On a thread of the pool: the port's renewal is synchronous.
    private async Task<bool> RenewAsync(CommitRequest request, TimeSpan duration) =>
        await HoldAsync(_ => Task.Run(() => leases.Renew(request.Owner, [request.Lease], duration).Count > 0), divisible: false)
            .ConfigureAwait(false);
}

/// <summary>What became of outcomes.</summary>
/// <param name="Items">
/// The items whose state changed; the others were lost to a younger lease, a cancellation, an answer that was faster, or an earlier write
/// of the same.
/// </param>
/// <param name="Shared">Whether items that waited for them changed.</param>
internal sealed record Written(IReadOnlySet<int> Items, bool Shared);
