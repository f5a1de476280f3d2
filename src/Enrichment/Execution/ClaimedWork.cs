using System.Collections.Concurrent;
using Enrichment.Callbacks;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Items of one lease on their way through their step: conditions decided, entities requested, attempts begun where effects are outside, calls made, outcomes written in sets.</summary>
internal sealed class ClaimedWork(ClaimedWorkFactory host, StagePlan plan, HeldLease held, CallAllowance? allowance, TaskCompletionSource onlyWaits) : IAsyncDisposable
{
    // How long items wait for slots while none of them is in flight. Then they are given back.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly bool answeredLater = plan.Stage.Manifest.MayBeAnsweredLater;
    private readonly WorkerRun run = host.Host.Run;
    private readonly ConcurrentDictionary<int, string> tokens = new(); // one wave is called while the next is written
    private CallAllowance? allowance = allowance;
    private bool advanced;

    // What was sent is no lease's any more: its calls go on when the lease is lost, and their outcomes are written.
    private CancellationToken Lost => answeredLater ? CancellationToken.None : held.Lost;

    private bool IsOutside => plan.Stage.Manifest.Effects != Effects.Pure;

    /// <summary>How many outcomes were written.</summary>
    public int Outcomes { get; private set; }

    /// <summary>Whether items were left that only a host with the step can work on.</summary>
    public bool NeedsStep { get; private set; }

    /// <summary>Works on the items until each has an outcome, or is left because it may not be called now, or the host stops.</summary>
    /// <returns>Whether any item went on to a next stage.</returns>
    public async Task<bool> RunAsync(IReadOnlyList<ClaimedItem> items, CancellationToken stop)
    {
        var wanted = await DecideConditionsAsync(items).ConfigureAwait(false);
        if (plan.Stage.Entity is not null && wanted.Count > 0)
        {
            wanted = await AllowAsync(await RequestAsync(wanted).ConfigureAwait(false), stop).ConfigureAwait(false);
        }

        if (wanted.Count == 0 || await FailUnlessReadyAsync(wanted).ConfigureAwait(false) is not { } ready || stop.IsCancellationRequested || held.Lost.IsCancellationRequested)
        {
            return advanced;
        }

        await CallAsync(ready, [.. wanted], stop).ConfigureAwait(false);
        return advanced;
    }

    /// <summary>Gives back what it did not call.</summary>
    public ValueTask DisposeAsync() => allowance?.DisposeAsync() ?? default;

    private async Task<List<ClaimedItem>> DecideConditionsAsync(IReadOnlyList<ClaimedItem> items)
    {
        var wanted = new List<ClaimedItem>(items.Count);
        var skipped = new List<StateChange>();
        foreach (var item in items)
        {
            if (plan.ConditionHolds(item))
            {
                wanted.Add(item);
            }
            else
            {
                skipped.Add(plan.OutcomeRules.ConditionFalse(item));
            }
        }

        await CommitAsync(skipped, attemptsAreOpen: false).ConfigureAwait(false);
        return wanted;
    }

    /// <summary>Requests the items' entities. Returns the items that call for themselves.</summary>
    private async Task<List<ClaimedItem>> RequestAsync(List<ClaimedItem> items)
    {
        var requested = await host.EntityRequests.RequestAsync(plan, held.Lease.Range.Bucket, items).ConfigureAwait(false);
        await CommitAsync(requested.Outcomes, attemptsAreOpen: false).ConfigureAwait(false);
        if (requested.Waits.Count > 0)
        {
            advanced |= await host.EntityRequests.AwaitEntitiesAsync(held.Lease, requested.Waits, answeredLater ? plan.Stage.Manifest.Deadline : plan.Stage.Timeout).ConfigureAwait(false);
        }

        advanced |= requested.Made;
        return requested.Own;
    }

    /// <summary>Takes permits for the items that call for themselves. Returns those that may; the others wait, for a host that has the step or for later.</summary>
    private async Task<List<ClaimedItem>> AllowAsync(List<ClaimedItem> own, CancellationToken stop)
    {
        if (own.Count == 0)
        {
            return own;
        }

        if (!host.Steps.CanRun(plan))
        {
            NeedsStep = true;
            await CommitAsync([.. own.Select(OutcomeRules.NotHere)], attemptsAreOpen: false).ConfigureAwait(false);
            return [];
        }

        allowance = await host.Permits.TryTakeAsync(plan, own.Count, stop).ConfigureAwait(false);
        var most = (allowance?.Calls ?? 0) * (plan.Stage.Manifest.BulkSize ?? 1);
        if (most < own.Count)
        {
            await PutOffAsync(own[most..]).ConfigureAwait(false);
            own.RemoveRange(most, own.Count - most);
        }

        return own;
    }

    /// <summary>Leaves items to a moment in which calls are to be had. For longer they wait with its date: what can be requested behind them is claimed meanwhile.</summary>
    private async Task PutOffAsync(List<ClaimedItem> items)
    {
        var rest = host.Permits.Rest(plan);
        if (rest > CallPermits.LongestRest)
        {
            await CommitAsync([.. items.Select(item => OutcomeRules.NotAllowed(item, rest, host.Permits.IsUsedUp(plan)))], attemptsAreOpen: false).ConfigureAwait(false);
        }
        else
        {
            host.Permits.Refuse(plan, rest > CallSlots.Patience ? rest : CallSlots.Patience);
        }
    }

    /// <summary>The step with its settings; or, if it cannot be had on this host, every item fails with the reason.</summary>
    private async Task<ReadyStep?> FailUnlessReadyAsync(List<ClaimedItem> items)
    {
        try
        {
            return host.Steps.Ready(plan);
        }
        catch (EnrichmentException exception)
        {
            var outcome = StepOutcome.Failed(exception.Message, ErrorClass.Configuration);
            await CommitAsync([.. items.Select(item => plan.OutcomeRules.NotCalled(item, outcome))], attemptsAreOpen: false).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Writes the attempts of a wave. Returns the calls that may be made, without the items that may not go ahead.</summary>
    private async Task<List<ArraySegment<ClaimedItem>>> BeginAsync(ClaimedItem[] wave)
    {
        var intended = CallsOf(wave);
        var keys = plan.Stage.Manifest.ReceivesCallbacks
            ? await host.Calls.RunAsync(host.Callbacks.KeysAsync, held.Lost).ConfigureAwait(false)
            : null;
        List<AttemptStart> attempts = [.. intended.SelectMany(call => Starts(call, keys))];

        HashSet<int> begun;
        try
        {
            begun = [.. answeredLater
                ? await host.Store.BeginSendingAsync(held.Lease, run.Owner, attempts, plan.Sending, held.Lost).ConfigureAwait(false)
                : await host.Store.BeginAttemptsAsync(held.Lease, run.Owner, attempts, held.Lost).ConfigureAwait(false)];
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception) && !held.Lost.IsCancellationRequested)
        {
            // The attempts may be there or not. Either way no call was made: that is written, so that none ends as one of which nobody knows.
            Log.StoreFailed(run.Logger, TimeSpan.Zero, exception);
            await CommitAsync([.. wave.Select(item => plan.OutcomeRules.Drained(item, "The store was away before the call was made."))], attemptsAreOpen: true).ConfigureAwait(false);
            return [];
        }

        return begun.Count == wave.Length
            ? intended
            : [.. intended.Select(call => new ArraySegment<ClaimedItem>([.. call.Where(item => begun.Contains(item.Item))])).Where(call => call.Count > 0)];
    }

    /// <summary>The items of each call: one, or as many as a bulk step takes.</summary>
    private List<ArraySegment<ClaimedItem>> CallsOf(ClaimedItem[] items)
    {
        var size = plan.Stage.Manifest.BulkSize ?? 1;
        var all = new List<ArraySegment<ClaimedItem>>((items.Length + size - 1) / size);
        for (var first = 0; first < items.Length; first += size)
        {
            all.Add(new(items, first, Math.Min(size, items.Length - first)));
        }

        return all;
    }

    /// <summary>The attempts that one call makes: several attempts of a bulk step bear one call's id.</summary>
    private IEnumerable<AttemptStart> Starts(ArraySegment<ClaimedItem> call, KeyRing? keys)
    {
        Guid? id = plan.Stage.Manifest.BulkSize is null ? null : Guid.CreateVersion7(run.Time.GetUtcNow());
        return call.Select(item => Start(item, keys) with { Call = id });
    }

    private AttemptStart Start(ClaimedItem item, KeyRing? keys)
    {
        var attempt = new AttemptStart(item.Item, item.Generation, item.Attempt + 1);
        if (keys is null)
        {
            return attempt;
        }

        var token = CallbackToken.Create(new(held.Lease.Range, item.Item, attempt.Attempt), keys);
        tokens[item.Item] = token.ToString();
        return attempt with { TokenHash = token.Hash };
    }

    private StepContext Context(ClaimedItem item, object? settings) => tokens.TryGetValue(item.Item, out var token)
        ? plan.Context(item, settings, run.Time, token, host.Callbacks.AddressOf(token))
        : plan.Context(item, settings, run.Time);

    private async Task CallAsync(ReadyStep ready, ClaimedItem[] items, CancellationToken stop)
    {
        using var outcomes = host.Host.Queue(plan);
        using var failed = new CancellationTokenSource();
        var calling = CallAllAsync(new(ready, outcomes, stop, failed.Token), items);
        try
        {
            await CommitAllAsync(outcomes, calling).ConfigureAwait(false);
        }
        catch
        {
            // Nothing can be written any more, so that nothing more is called; and no call is left without its watch.
            await failed.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(calling).ConfigureAwait(false);
            throw;
        }

        await calling.ConfigureAwait(false);
    }

    private async Task CallAllAsync(Calling calling, ClaimedItem[] items)
    {
        var waves = new List<Task>();
        try
        {
            if (!IsOutside)
            {
                waves.Add(CallAsync(calling, allowance, CallsOf(items)));
            }
            else if (plan.Stage.Limits is not null)
            {
                waves.Add(CallAsync(calling, allowance, await BeginAsync(items).ConfigureAwait(false)));
            }
            else
            {
                await CallInWavesAsync(calling, items, waves).ConfigureAwait(false);
            }
        }
        finally
        {
            try
            {
                await Task.WhenAll(waves).ConfigureAwait(false);
            }
            finally
            {
                calling.Outcomes.Complete();
            }
        }
    }

    /// <summary>Writes no more attempts at once than may be in flight: a crash leaves few unknowns. The next wave does not wait for the slowest call of the one before.</summary>
    private async Task CallInWavesAsync(Calling calling, ClaimedItem[] items, List<Task> waves)
    {
        var bulk = plan.Stage.Manifest.BulkSize ?? 1;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(calling.Stop, calling.Failed, held.Lost);
        for (var first = 0; first < items.Length && !ending.IsCancellationRequested && !host.Host.Credits.IsPaused(plan);)
        {
            // Without a call in flight it holds what another host may be free to call.
            var patience = waves.TrueForAll(wave => wave.IsCompleted) ? LongestWait : TimeSpan.MaxValue;
            await using var wave = await host.Permits.TakeWaveAsync(plan, (items.Length - first + bulk - 1) / bulk, () => onlyWaits.TrySetResult(), patience, ending.Token).ConfigureAwait(false);
            if (wave is null)
            {
                return;
            }

            var next = Math.Min(items.Length, first + (int)Math.Min(int.MaxValue / 2, (long)wave.Calls * bulk));
            List<ArraySegment<ClaimedItem>> calls;
            try
            {
                calls = await BeginAsync(items[first..next]).ConfigureAwait(false);
            }
            finally
            {
                host.Permits.BeginWave(plan, wave.Calls);
            }

            waves.Add(CallAsync(calling, wave, calls));
            first = next;
        }
    }

    private async Task CallAsync(Calling calling, CallAllowance? allowed, List<ArraySegment<ClaimedItem>> calls)
    {
        allowed?.HandOver(calls.Count);
        using var runner = new StepRunner(new(calling.Ready, item => Context(item, calling.Ready.Options)), plan, calls, calling.Outcomes, host.Host, allowed?.Lease);
        var running = runner.RunAsync();
        _ = TellAsync(runner);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(calling.Stop, calling.Failed, Lost);
        await run.Time.WaitAsync(running, Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(false);
        if (!running.IsCompleted)
        {
            await StopAsync(runner, running, calling).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(StepRunner runner)
    {
        await runner.Begun.ConfigureAwait(false);
        if (runner.OnlyWaits)
        {
            onlyWaits.TrySetResult();
        }
    }

    private async Task StopAsync(StepRunner runner, Task running, Calling calling)
    {
        runner.Stop(item =>
        {
            if (CanWrite())
            {
                calling.Outcomes.Add(plan.OutcomeRules.Drained(item));
            }
        });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(calling.Failed, Lost);
        await run.Time.WaitAsync(running, run.Options.DrainTimeout, either.Token).ConfigureAwait(false);

        // Again and again, because a call may have been on the point of beginning. A pure step's item simply stays due.
        var outcome = CanWrite() ? StepOutcome.Unknown("The host was stopped during the call.") : null;
        while (!running.IsCompleted)
        {
            runner.Abandon(outcome);
            await run.Time.WaitAsync(running, TimeSpan.FromMilliseconds(20), CancellationToken.None).ConfigureAwait(false);
        }

        bool CanWrite() => IsOutside && !Lost.IsCancellationRequested && !calling.Failed.IsCancellationRequested;
    }

    private async Task CommitAllAsync(OutcomeQueue outcomes, Task running)
    {
        await foreach (var set in outcomes.ReadSetsAsync(running).ConfigureAwait(false))
        {
            await CommitAsync(set, IsOutside).ConfigureAwait(false);
        }
    }

    private async Task CommitAsync(List<StateChange> set, bool attemptsAreOpen)
    {
        if (set.Count == 0)
        {
            return;
        }

        // Of those that were sent, an answer that was faster has settled what is missing here.
        var sent = answeredLater && attemptsAreOpen;
        var written = sent
            ? await host.Writer.SettleAsync(plan, new SettleRequest(held.Lease.Range, [.. set], []) { IsRequestBatch = plan.Batch.IsRequestBatch }).ConfigureAwait(false)
            : await host.Writer.CommitAsync(plan, new CommitRequest(held.Lease, run.Owner, attemptsAreOpen, set) { IsRequestBatch = plan.Batch.IsRequestBatch }, run.Options.Lease).ConfigureAwait(false);
        advanced |= written.Shared || (sent ? set.Exists(outcome => outcome.Advances && written.Items.Contains(outcome.Item)) : written.Items.Count > 0 && !plan.Last);
        Outcomes += written.Items.Count - set.Count(commit => OutcomeRules.IsDrained(commit) && written.Items.Contains(commit.Item));
        if (!sent && written.Items.Count < set.Count)
        {
            Log.CommitsLost(run.Logger, set.Count - written.Items.Count, set.Count);
        }
    }

    /// <summary>What the calls of claimed work are made with.</summary>
    /// <param name="Ready">The step.</param>
    /// <param name="Outcomes">Where the outcomes go.</param>
    /// <param name="Stop">Asks to begin nothing more.</param>
    /// <param name="Failed">Says that no outcome can be written any more.</param>
    private sealed record Calling(ReadyStep Ready, OutcomeQueue Outcomes, CancellationToken Stop, CancellationToken Failed);
}
