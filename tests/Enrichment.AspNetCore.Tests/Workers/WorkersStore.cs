using Enrichment.Hosting;
using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>
/// The store of a host at work. Its clock moves only while the host holds no claim: a jump between two writes would end the host's lease,
/// on a busy machine again and again.
/// </summary>
internal sealed class WorkersStore(IEnrichmentStore real, FakeClock clock) : StoreDouble(real)
{
    private readonly Lock gate = new();
    private readonly HashSet<Lease> held = [];
    private IReadOnlyList<TakenDelivery>? again;
    private TaskCompletionSource? repeated;
    private int claiming;
    private int refused;

    /// <summary>Awaited before tasks are handed out.</summary>
    public Func<HandOutRequest, Task> HandsOut { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called before due tasks are taken: what it throws is the range's trouble.</summary>
    public Action<RangeKey> TakesDueTasks { get; set; } = _ => { };

    /// <summary>How often a limit gave no calls.</summary>
    public int RefusedPermits => Volatile.Read(ref refused);

    /// <summary>Moves the clock, unless the host holds a claim.</summary>
    public bool TryAdvance(TimeSpan by)
    {
        lock (gate)
        {
            if (claiming + held.Count > 0)
            {
                return false;
            }

            clock.Advance(by);
            return true;
        }
    }

    public override async Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        Change(() => claiming++);
        try
        {
            var claim = await base.ClaimAsync(request, cancellationToken);
            Change(() => _ = claim is null || held.Add(claim.Lease));
            return claim;
        }
        finally
        {
            Change(() => claiming--);
        }
    }

    public override async Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken)
    {
        var released = await base.ReleaseAsync(lease, evenIfDue, cancellationToken);
        Change(() => _ = released && held.Remove(lease));
        return released;
    }

    public override async Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken)
    {
        await base.SplitAsync(lease, intervals, cancellationToken);
        Change(() => held.Remove(lease));
    }

    public override async Task<IReadOnlyList<int>> HandOutAsync(HandOutRequest request, CancellationToken cancellationToken)
    {
        await HandsOut(request);
        return await base.HandOutAsync(request, cancellationToken);
    }

    public override async Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken)
    {
        var leased = await base.LeasePermitsAsync(request, cancellationToken);
        _ = leased.Block == 0 ? Interlocked.Increment(ref refused) : 0;
        return leased;
    }

    public override Task<IReadOnlyList<DueTask>> TakeDueTasksAsync(
        RangeKey range, int limit, TimeSpan hold, TimeSpan holdFetched, CancellationToken cancellationToken)
    {
        TakesDueTasks(range);
        return base.TakeDueTasksAsync(range, limit, hold, holdFetched, cancellationToken);
    }

    /// <summary>The deliveries that the host took last.</summary>
    public IReadOnlyList<TakenDelivery> Taken { get; private set; } = [];

    /// <summary>Gives the host deliveries once more. Ends when it has done with them.</summary>
    public Task RepeatAsync(IReadOnlyList<TakenDelivery> deliveries)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Change(() => (again, repeated) = (deliveries, done));
        return done.Task.WaitAsync(Wait.Patience);
    }

    public override async Task<IReadOnlyList<TakenDelivery>> TakeDeliveriesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, int limit, long byteLimit, TimeSpan hold, CancellationToken cancellationToken)
    {
        IReadOnlyList<TakenDelivery>? deliveries = null;
        TaskCompletionSource? done = null;
        Change(() => (deliveries, done, again) = (again, repeated, null));
        if (deliveries is not null)
        {
            return deliveries;
        }

        done?.TrySetResult();
        var taken = await base.TakeDeliveriesAsync(except, limit, byteLimit, hold, cancellationToken);
        Taken = taken.Count > 0 ? taken : Taken;
        return taken;
    }

    private void Change(Action change)
    {
        lock (gate)
        {
            change();
        }
    }
}

/// <summary>Holds hand-outs back: what a test wants to happen before they are written.</summary>
internal sealed class HandOutGate : IDisposable
{
    private readonly TaskCompletionSource held = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int passed;

    /// <param name="store">Whose hand-outs.</param>
    /// <param name="passes">How many are written at once.</param>
    public HandOutGate(WorkersStore store, int passes) => store.HandsOut = _ =>
    {
        if (Interlocked.Increment(ref passed) <= passes)
        {
            return Task.CompletedTask;
        }

        held.TrySetResult();
        return open.Task;
    };

    /// <summary>Ends when the first is held back.</summary>
    public Task Held => held.Task.WaitAsync(Wait.Patience);

    /// <summary>How many were to be written.</summary>
    public int Count => Volatile.Read(ref passed);

    public void Open() => open.TrySetResult();

    public void Dispose() => Open();
}
