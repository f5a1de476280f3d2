using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Writes the attempts of calls before they leave, wave by wave. A pure step's attempts are written with their outcomes.</summary>
/// <remarks>
/// No more attempts are open at once than may be in flight: a crash leaves few unknowns. The next wave does not wait for the slowest call
/// of the one before. Where a limit counts calls, all were taken before the claim, and are one wave.
/// </remarks>
internal sealed class OpenAttempts(
    IOutcomeStore store,
    StoreRetry storeRetry,
    CallPermits permits,
    CallbackTokens callbacks,
    WriteOutcomes write,
    WorkerRun run)
{
    public const string Name = "open attempts";

    // How long items wait for slots while none of them is in flight. Then they are given back.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>The waves of calls that may be made now, without the items that may not go ahead.</summary>
    public async IAsyncEnumerable<Wave> OpenAsync(Calling calling, ClaimedItem[] items)
    {
        var (work, plan) = (calling.Work, calling.Work.Plan);
        if (!work.IsOutside)
        {
            yield return new(CallsOf(plan, items), work.Allowance);
        }
        else if (plan.Stage.Limits is not null)
        {
            yield return new(await BeginAsync(work, items).ConfigureAwait(false), work.Allowance);
        }
        else
        {
            await foreach (var wave in WavesAsync(calling, items).ConfigureAwait(false))
            {
                yield return wave;
            }
        }
    }

    private async IAsyncEnumerable<Wave> WavesAsync(Calling calling, ClaimedItem[] items)
    {
        var (work, plan) = (calling.Work, calling.Work.Plan);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(calling.Stop, calling.Failed, work.Lost);
        for (var first = 0; first < items.Length && !ending.IsCancellationRequested && !permits.IsPaused(plan);)
        {
            // Without a call in flight it holds what another host may be free to call.
            var patience = calling.HasCallsInFlight ? TimeSpan.MaxValue : LongestWait;
            var wanted = (items.Length - first + plan.ItemsPerCall - 1) / plan.ItemsPerCall;
            await using var allowance = await permits
                .TakeWaveAsync(plan, wanted, work.SayOnlyAnswersAreMissing, patience, ending.Token)
                .ConfigureAwait(false);
            if (allowance is null)
            {
                yield break;
            }

            var next = Math.Min(items.Length, first + (int)Math.Min(int.MaxValue / 2, (long)allowance.Calls * plan.ItemsPerCall));
            List<ArraySegment<ClaimedItem>> begun;
            try
            {
                begun = await BeginAsync(work, items[first..next]).ConfigureAwait(false);
            }
            finally
            {
                permits.BeginWave(plan, allowance.Calls);
            }

            yield return new(begun, allowance);
            first = next;
        }
    }

    /// <summary>Writes the attempts of a wave. Returns the calls that may be made, without the items that may not go ahead.</summary>
    private async Task<List<ArraySegment<ClaimedItem>>> BeginAsync(ClaimedWork work, ClaimedItem[] wave)
    {
        var plan = work.Plan;
        run.Instruments.Enter(Name, plan, wave.Length);
        var intended = CallsOf(plan, wave);
        var keys = plan.Stage.Manifest.ReceivesCallbacks
            ? await storeRetry.RunAsync(callbacks.KeysAsync, work.Lost).ConfigureAwait(false)
            : null;
        List<AttemptStart> attempts = [.. intended.SelectMany(call => Starts(work, call, keys))];

        HashSet<int> begun;
        try
        {
            begun = [.. work.IsAnsweredLater
                ? await store.BeginSendingAsync(work.Lease, run.Owner, attempts, plan.Sending, work.Lost).ConfigureAwait(false)
                : await store.BeginAttemptsAsync(work.Lease, run.Owner, attempts, work.Lost).ConfigureAwait(false)];
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception) && !work.Lost.IsCancellationRequested)
        {
            // The attempts may be stored or not. In either case no call was made: that is written, so that no attempt ends with an unknown
            // outcome.
            Log.StoreFailed(run.Logger, TimeSpan.Zero, exception);
            await write
                .WriteAsync(
                    work,
                    [.. wave.Select(item => plan.OutcomeRules.Drained(item, "The store did not answer before the call; the call was not made."))],
                    attemptsAreOpen: true)
                .ConfigureAwait(false);
            return [];
        }

        if (begun.Count == wave.Length)
        {
            return intended;
        }

        var allowed = intended.Select(call => new ArraySegment<ClaimedItem>([.. call.Where(item => begun.Contains(item.Item))]));
        return [.. allowed.Where(call => call.Count > 0)];
    }

    /// <summary>The items of each call: one, or as many as a bulk step takes.</summary>
    private static List<ArraySegment<ClaimedItem>> CallsOf(StagePlan plan, ClaimedItem[] items)
    {
        var size = plan.ItemsPerCall;
        var all = new List<ArraySegment<ClaimedItem>>((items.Length + size - 1) / size);
        for (var first = 0; first < items.Length; first += size)
        {
            all.Add(new(items, first, Math.Min(size, items.Length - first)));
        }

        return all;
    }

    /// <summary>The attempts that one call makes: several attempts of a bulk step bear one call's id.</summary>
    private IEnumerable<AttemptStart> Starts(ClaimedWork work, ArraySegment<ClaimedItem> call, KeyRing? keys)
    {
        Guid? id = work.Plan.Stage.Manifest.BulkSize is null ? null : Guid.CreateVersion7(run.Time.GetUtcNow());
        return call.Select(item => Start(work, item, keys) with { Call = id });
    }

    private static AttemptStart Start(ClaimedWork work, ClaimedItem item, KeyRing? keys)
    {
        var attempt = new AttemptStart(item.Item, item.Generation, item.Attempt + 1);
        if (keys is null)
        {
            return attempt;
        }

        var token = CallbackToken.Create(new(work.Lease.Range, item.Item, attempt.Attempt), keys);
        work.Tokens[item.Item] = token.ToString();
        return attempt with { TokenHash = token.Hash };
    }
}

/// <summary>Calls that may be made now.</summary>
/// <param name="Calls">The items of each call.</param>
/// <param name="Allowance">What they were allowed; null if they need nothing.</param>
internal readonly record struct Wave(List<ArraySegment<ClaimedItem>> Calls, CallAllowance? Allowance);
