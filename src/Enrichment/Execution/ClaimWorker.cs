using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Claims a part of a range and works through it: leases it, runs its items, gives it back.</summary>
/// <remarks>
/// A claim loop detaches work whose calls only wait for their answers, and claims again; the detached work continues by itself. It is
/// bounded by the calls in flight and by bytes.
/// </remarks>
internal sealed class ClaimWorker(
    ILeaseStore store,
    StoreRetry storeRetry,
    Heartbeat heartbeat,
    Quarantine quarantine,
    ClaimPipeline pipeline,
    WorkSignal signal,
    WorkerRun run)
{
    private readonly ConcurrentDictionary<Task, byte> detached = new();
    private long detachedBytes;
    private long outcomes;

    /// <summary>The run that it works for.</summary>
    public WorkerRun Run => run;

    /// <summary>Raised whenever something may have become due.</summary>
    public WorkSignal Signal => signal;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref outcomes);

    /// <summary>Whether work goes on that no claim loop waits for.</summary>
    public bool HasDetachedWork => !detached.IsEmpty;

    /// <summary>Ends when the detached work has ended. Its faults were logged.</summary>
    public Task EndAsync() => Task.WhenAll(detached.Keys);

    /// <summary>Runs something that claims, once no suspect is alone in the host.</summary>
    public async Task<T> AmongOthersAsync<T>(Func<Task<T>> action, CancellationToken stop)
    {
        await quarantine.EnterAsync(stop).ConfigureAwait(false);
        try
        {
            return await action().ConfigureAwait(false);
        }
        finally
        {
            quarantine.Leave();
        }
    }

    /// <summary>Runs something that claims a suspect, from among others, once this host is quiet.</summary>
    public async Task AloneAsync(Func<Task> action)
    {
        await quarantine.BeginAloneAsync().ConfigureAwait(false);
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            quarantine.EndAlone();
        }
    }

    /// <summary>Claims items, and works on them until they are done or only answers are missing.</summary>
    /// <param name="choice">Which, and how many.</param>
    /// <param name="alone">Whether nothing else runs in this host.</param>
    /// <param name="stop">Fires when no more work may begin.</param>
    public async Task<ClaimResult> ClaimAsync(Choice choice, bool alone, CancellationToken stop)
    {
        var plan = choice.Plan;
        var request = new ClaimRequest
        {
            Candidate = choice.Candidate,
            Owner = run.Owner,
            Lease = run.Options.Lease,
            Limit = choice.Limit,
            ByteLimit = run.Options.ClaimBytes,
            Upload = plan.Batch.Upload,
            Sources = plan.Sources,
        };

        // Not cancelled half-way: a lease that was won and not heard of would count as lost.
        var began = run.Telemetry.BeginClaim();
        var claimed = await store.ClaimAsync(request, CancellationToken.None).ConfigureAwait(false);
        run.Telemetry.Claimed(plan, began, claimed is not null);
        if (claimed is not { } claim)
        {
            return new(Won: false);
        }

        if (!alone && IsSuspect(claim))
        {
            await GiveBackAsync(claim).ConfigureAwait(false);
            return new(Won: true, Suspect: claim.Lease);
        }

        var work = new ClaimedWork(claim, request, plan, choice.Allowance?.Take(), heartbeat.Hold(claim.Lease, plan.Batch.Id));
        var ended = WorkAsync(work, stop);
        await Task.WhenAny(ended, work.OnlyAnswersAreMissing).ConfigureAwait(false);
        if (!alone && !ended.IsCompleted && TryDetach(work, ended))
        {
            return new(Won: true, claim.Items.Count, Detached: true);
        }

        await ended.ConfigureAwait(false);
        return new(Won: true, claim.Items.Count, NeedsStep: work.NeedsStep);
    }

    // The next loss may convict the item as poison: nothing else may run in this host that could be the cause.
    private static bool IsSuspect(Claim claim) => claim.Lease.Losses > 0 && claim.Items.Count <= 1;

    /// <summary>
    /// Leaves a suspect interval as it was found until this host is quiet, when it is claimed again: a host that dies while it only waits
    /// is no loss of that item's.
    /// </summary>
    private async Task GiveBackAsync(Claim suspect) => await storeRetry.RunAsync(
        async token =>
        {
            await store.SplitAsync(suspect.Lease, [suspect.Lease], token).ConfigureAwait(false);
            return true;
        },
        CancellationToken.None).ConfigureAwait(false);

    /// <summary>Detaches work, if the memory of detached work allows it.</summary>
    private bool TryDetach(ClaimedWork work, Task ended)
    {
        if (Interlocked.Add(ref detachedBytes, work.Bytes) > run.Options.ClaimBytes)
        {
            Interlocked.Add(ref detachedBytes, -work.Bytes);
            return false;
        }

        work.IsDetached = true;
        quarantine.Stay();
        var followed = new TaskCompletionSource();
        detached[followed.Task] = 0;
        _ = FollowAsync();
        return true;

        async Task FollowAsync()
        {
            try
            {
                await ended.ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (exception.CancellationToken.IsCancellationRequested)
            {
                // The lease was lost, or the host stops.
            }
#pragma warning disable CA1031 // Nobody waits for it: here its faults are caught, and its lease will be taken over.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.ClaimLoopFailed(run.Logger, TimeSpan.Zero, exception);
            }

            Interlocked.Add(ref detachedBytes, -work.Bytes);
            quarantine.Leave();
            detached.TryRemove(followed.Task, out _);
            followed.SetResult();
            signal.Raise();
        }
    }

    private async Task WorkAsync(ClaimedWork work, CancellationToken stop)
    {
        var (lease, plan) = (work.Lease, work.Plan);
        using var span = run.Telemetry.Processing(plan, work.Items.Count);
        await using var working = work.ConfigureAwait(false);
        var items = work.Items;
        bool released;
        do
        {
            await pipeline.RunAsync(work, items, stop).ConfigureAwait(false);
            if (work.Advanced)
            {
                signal.Raise();
            }

            // Items that came due inside the interval meanwhile, or that the byte limit left out, belong to this claim too, unless their
            // calls need permits.
            var evenIfDue =
                work.IsDetached
                || stop.IsCancellationRequested
                || plan.Stage.Limits is not null
                || plan.Stage.Entity is not null
                || work.IsOutside;
            released =
                work.Lost.IsCancellationRequested
                || await storeRetry
                    .RunAsync(token => store.ReleaseAsync(lease, evenIfDue, token), CancellationToken.None)
                    .ConfigureAwait(false);
            items = released
                ? []
                : await storeRetry
                    .RunAsync(token => store.ReadAgainAsync(work.Request, lease, token), CancellationToken.None)
                    .ConfigureAwait(false);
        }
        while (!released);

        Interlocked.Add(ref outcomes, work.Outcomes);
    }
}
