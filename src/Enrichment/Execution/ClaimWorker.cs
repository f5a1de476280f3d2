using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Claims a part of a range and works through it: leases it, runs its items, gives it back.</summary>
/// <remarks>A claim loop leaves work whose calls only wait for their answers, and claims on; the work goes on by itself. What is so left is bounded by the calls in flight and by bytes.</remarks>
internal sealed class ClaimWorker(ILeaseStore store, StoreRetry calls, Heartbeat heartbeat, Quarantine quarantine, ClaimedWorkFactory factory, WorkSignal signal, WorkerRun run)
{
    private readonly ConcurrentDictionary<Task, byte> left = new();
    private long leftBytes;
    private long outcomes;

    /// <summary>The run that it works for.</summary>
    public WorkerRun Run => run;

    /// <summary>Raised whenever something may have become due.</summary>
    public WorkSignal Signal => signal;

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Interlocked.Read(ref outcomes);

    /// <summary>Whether work goes on that no claim loop waits for.</summary>
    public bool HasLeftWork => !left.IsEmpty;

    /// <summary>Ends when the work does that was left. Whatever failed of it was logged.</summary>
    public Task EndAsync() => Task.WhenAll(left.Keys);

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
    /// <param name="candidate">The range.</param>
    /// <param name="plan">Its stage.</param>
    /// <param name="limit">How many items at most.</param>
    /// <param name="allowance">What may be called; null if that is found out when it is known what has to be.</param>
    /// <param name="alone">Whether nothing else runs in this host.</param>
    /// <param name="stop">Asks to begin nothing more.</param>
    public async Task<ClaimResult> ClaimAsync(Candidate candidate, StagePlan plan, int limit, CallAllowance? allowance, bool alone, CancellationToken stop)
    {
        var request = new ClaimRequest
        {
            Candidate = candidate,
            Owner = run.Owner,
            Lease = run.Options.Lease,
            Limit = limit,
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

        var bulk = plan.Stage.Manifest.BulkSize ?? 1;
        allowance?.Keep((claim.Items.Count + bulk - 1) / bulk);
        var work = new Work(claim, request, plan, allowance?.Take());
        var ended = WorkAsync(work, stop);
        await Task.WhenAny(ended, work.OnlyWaits.Task).ConfigureAwait(false);
        if (!alone && !ended.IsCompleted && TryLeave(work, ended))
        {
            return new(Won: true, claim.Items.Count, Left: true);
        }

        await ended.ConfigureAwait(false);
        return new(Won: true, claim.Items.Count, NeedsStep: work.NeedsStep);
    }

    // The next loss may convict the item as poison: nothing else may run in this host that could be the cause.
    private static bool IsSuspect(Claim claim) => claim.Lease.Losses > 0 && claim.Items.Count <= 1;

    /// <summary>Leaves a suspect interval as it was found until this host is quiet, when it is claimed again: a host that dies while it only waits is no loss of that item's.</summary>
    private async Task GiveBackAsync(Claim suspect) => await calls.RunAsync(
        async token =>
        {
            await store.SplitAsync(suspect.Lease, [suspect.Lease], token).ConfigureAwait(false);
            return true;
        },
        CancellationToken.None).ConfigureAwait(false);

    /// <summary>Lets work go on by itself, if what is so held in memory allows it.</summary>
    private bool TryLeave(Work work, Task ended)
    {
        if (Interlocked.Add(ref leftBytes, work.Bytes) > run.Options.ClaimBytes)
        {
            Interlocked.Add(ref leftBytes, -work.Bytes);
            return false;
        }

        work.IsLeft = true;
        quarantine.Stay();
        var followed = new TaskCompletionSource();
        left[followed.Task] = 0;
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

            Interlocked.Add(ref leftBytes, -work.Bytes);
            quarantine.Leave();
            left.TryRemove(followed.Task, out _);
            followed.SetResult();
            signal.Raise();
        }
    }

    private async Task WorkAsync(Work work, CancellationToken stop)
    {
        var (claim, request, plan) = (work.Claim, work.Request, work.Plan);
        using var span = run.Telemetry.Processing(plan, claim.Items.Count);
        using var held = heartbeat.Hold(claim.Lease, plan.Batch.Id);
        await using var claimed = factory.Create(plan, held, work.Allowance, work.OnlyWaits);
        var items = claim.Items;
        bool released;
        do
        {
            if (await claimed.RunAsync(items, stop).ConfigureAwait(false))
            {
                signal.Raise();
            }

            // What came due inside the interval meanwhile, or was left by the byte limit, is ours too; unless its calls need permits of their own.
            var evenIfDue = work.IsLeft || stop.IsCancellationRequested || plan.Stage.Limits is not null || plan.Stage.Entity is not null || plan.Stage.Manifest.Effects != Effects.Pure;
            released = held.Lost.IsCancellationRequested || await calls.RunAsync(token => store.ReleaseAsync(claim.Lease, evenIfDue, token), CancellationToken.None).ConfigureAwait(false);
            items = released ? [] : await calls.RunAsync(token => store.ReadAgainAsync(request, claim.Lease, token), CancellationToken.None).ConfigureAwait(false);
        }
        while (!released);

        work.NeedsStep = claimed.NeedsStep;
        Interlocked.Add(ref outcomes, claimed.Outcomes);
    }

    private sealed class Work(Claim claim, ClaimRequest request, StagePlan plan, CallAllowance? allowance)
    {
        private volatile bool isLeft;

        public Claim Claim => claim;

        public ClaimRequest Request => request;

        public StagePlan Plan => plan;

        public CallAllowance? Allowance => allowance;

        /// <summary>Ends when nothing but answers is missing.</summary>
        public TaskCompletionSource OnlyWaits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Bytes { get; } = claim.Items.Sum(item => item.Raw.Length + item.Results.Sum(result => (long)result.Result.Length));

        public bool NeedsStep { get; set; }

        public bool IsLeft
        {
            get => isLeft;
            set => isLeft = value;
        }
    }
}
