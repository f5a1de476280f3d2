using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>
/// Renews this host's leases, and what it holds of limits, on a thread of its own, which steps that block the thread pool cannot delay.
/// </summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly ILeaseStore store;
    private readonly IRateLimitStore limits;
    private readonly string owner;
    private readonly TimeSpan lease;
    private readonly Func<IReadOnlyList<HeldBlock>> blocks;
    private readonly ILogger logger;
    private readonly ConcurrentDictionary<Lease, (CancellationTokenSource Lost, Guid Batch)> held = new();
    private readonly ManualResetEventSlim stop = new();
    private readonly Thread thread;

    public Heartbeat(
        ILeaseStore store,
        IRateLimitStore limits,
        string owner,
        TimeSpan lease,
        Func<IReadOnlyList<HeldBlock>> blocks,
        ILogger logger)
    {
        this.store = store;
        this.limits = limits;
        this.owner = owner;
        this.lease = lease;
        this.blocks = blocks;
        this.logger = logger;
        thread = new(Beat) { IsBackground = true, Name = "Enrichment heartbeat" };
        thread.Start();
    }

    /// <summary>Keeps a lease until the result is disposed; its token fires when another host has taken the lease over.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="batch">The id of its batch, for what is logged.</param>
    public HeldLease Hold(Lease lease, Guid batch)
    {
        var lost = new CancellationTokenSource();
        held[lease] = (lost, batch);
        return new(lease, () => held.TryRemove(lease, out _), lost.Token);
    }

    public void Dispose()
    {
        stop.Set();
        thread.Join();
        stop.Dispose();
    }

    private void Beat()
    {
        while (!stop.Wait(lease / 3))
        {
            var leases = held.Keys.ToList();
            if (leases.Count == 0)
            {
                continue; // Calls are in flight only under a lease.
            }

            Try(() =>
            {
                foreach (var lost in leases.Except(store.Renew(owner, leases, lease)))
                {
                    if (held.TryRemove(lost, out var known))
                    {
                        Log.LeaseLost(logger, known.Batch, lost.Range.Stage, lost.Lo, lost.Hi);
                        _ = known.Lost.CancelAsync();
                    }
                }
            });
            Try(() =>
            {
                if (blocks() is { Count: > 0 } taken)
                {
                    limits.RenewBlocks(owner, taken, lease);
                }
            });
        }
    }

    private void Try(Action beat)
    {
        try
        {
            beat();
        }
#pragma warning disable CA1031 // A beat that fails must not end the heart: the next one tries again, and the fence in every commit decides.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.BeatFailed(logger, exception);
        }
    }
}
