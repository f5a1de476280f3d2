using Enrichment.Callbacks;
using Enrichment.Consolidation;
using Enrichment.Entities;
using Enrichment.Providers;
using Enrichment.Retention;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>A host at work: lanes that claim and run, a heartbeat that keeps their leases, a sweep that finds what was left behind.</summary>
internal sealed class Worker(
    IEnrichmentStore store, StepCatalogue catalogue, HostSteps steps, CallbackTokens callbacks, BatchPlans plans, Consolidator consolidator, Pruner pruner, Definitions definitions, WorkSignals signals, WorkerOptions options, TimeProvider time, ILogger<Worker> logger)
{
    /// <summary>Works until stopped; then begins nothing more, lets calls in flight end, and gives its leases back.</summary>
    /// <param name="until">When it ends by itself.</param>
    /// <param name="stop">Asks it to stop.</param>
    public async Task<WorkReport> RunAsync(WorkUntil until, CancellationToken stop)
    {
        // Unique to the process and to the run, because runs may overlap; readable for an operator who asks who holds a lease.
        var owner = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("n")[..8]}";
        await using var right = await store.AcquireWorkerAsync(reason => Log.WorkerWaits(logger, reason), stop).ConfigureAwait(false);
        Log.WorkerStarted(logger, owner, options.Lanes, options.Lease);
        using var drained = new CancellationTokenSource();
        using var drain = time.CreateTimer(_ => drained.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var stopping = stop.UnsafeRegister(_ => drain.Change(options.DrainTimeout, Timeout.InfiniteTimeSpan), null);
        var calls = new StoreCalls(time, logger, drained.Token);
        var writer = new OutcomeWriter(store, calls, logger);

        // The sweep has nothing in hand: it would rather hear at once that the store is away, because then leases lapse that nobody has lost.
        var sweeper = new Sweeper(store, new(store, calls: null, logger), plans, signals.Due, owner, options, time, logger);
        var limits = new Limits(store, calls, owner, options.Lease, time);
        using var heartbeat = new Heartbeat(store, owner, options.Lease, () => limits.Held, logger);
        using var quarantine = new Quarantine(options.Lanes + 1);
        using var look = new DueLook(store.FindDueAsync, time);
        var share = new FairShare(options.Lanes, time);
        var dispatcher = new Dispatcher(store, calls, writer, plans, steps, new(store, calls, time), callbacks, look, share, limits, heartbeat, quarantine, signals.Due, owner, options, time, logger);
        await calls.RunAsync(async token => await StartAsync(sweeper, token).ConfigureAwait(false), stop).ConfigureAwait(false);

        var duty = new RetentionDuty(store, pruner, definitions.Retention, owner, options, time, logger);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var idle = new WorkSignal();
        var waker = new Waker(store, writer, plans, steps, signals.Due, options, time, logger);
        var interpreter = new Interpreter(store, calls, writer, plans, steps, signals.Due, options, time, logger);
        var idleness = new Idleness((2 * options.Lanes) + 2);
        var loop = (Func<CancellationToken, Task<bool>> once, WorkSignal signal, Action<ILogger, TimeSpan, Exception> failed) =>
            Task.Run(() => LoopAsync(once, signal, failed, idleness, until, ending), CancellationToken.None);

        // What is out is acted on at its dates, of which no signal tells; only a run that ends when nothing is due looks again after everything that was sent.
        var sent = until == WorkUntil.Idle ? signals.Due : new();
        List<Task> loops =
        [
            .. Enumerable.Range(0, options.Lanes + 1).Select(_ => loop(token => dispatcher.WorkOnceAsync(idle, token), signals.Due, Log.LaneFailed)),
            .. Enumerable.Range(0, options.Lanes).Select(_ => loop(waker.WakeOnceAsync, sent, Log.WakingFailed)),
            loop(interpreter.InterpretOnceAsync, signals.Delivered, Log.InterpretingFailed),
            SweepAsync(sweeper, ending.Token),
            until switch
            {
                WorkUntil.Stopped => RetainAsync(duty, ending.Token),
                WorkUntil.Drained => EndWhenDrainedAsync(() => [.. dispatcher.Missing, .. waker.Missing], idle, ending),
                _ => Task.CompletedTask,
            },
        ];

        await Task.WhenAll(loops).ConfigureAwait(false);
        // What is not given back of limits by then, because the store is away, lapses.
        await time.WaitAsync(limits.EndAsync(), StoreCalls.Goodbye, CancellationToken.None).ConfigureAwait(false);
        var ended = !stop.IsCancellationRequested;
        if (ended)
        {
            await calls.RunAsync(async token => await EndAsync(sweeper, token).ConfigureAwait(false), stop).ConfigureAwait(false);
            await RetainOnceAsync(duty, stop).ConfigureAwait(false);
        }

        Log.WorkerStopped(logger, owner);
        return new(dispatcher.Outcomes + waker.Outcomes, interpreter.Deliveries, sweeper.Ended, ended);
    }

    private async Task<bool> StartAsync(Sweeper sweeper, CancellationToken cancellationToken)
    {
        if (!await store.HasSchemaAsync(cancellationToken).ConfigureAwait(false))
        {
            throw Migration.Missing();
        }

        await store.RegisterManifestsAsync(catalogue.Manifests, cancellationToken).ConfigureAwait(false);
        await sweeper.SweepAsync(store.AdmitsOneWorker, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>The last sweep, and what it ends is shown: repeated, as a whole, while the store is away.</summary>
    private async Task<bool> EndAsync(Sweeper sweeper, CancellationToken cancellationToken)
    {
        try
        {
            await sweeper.SweepAsync(allLost: false, cancellationToken).ConfigureAwait(false);
            await consolidator.CatchUpAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (StoreCalls.IsOutOfReach(exception))
        {
            sweeper.StoreFailed();
            throw;
        }
    }

    /// <summary>Does one thing again and again while there is some of it, and else waits for a signal.</summary>
    private async Task LoopAsync(
        Func<CancellationToken, Task<bool>> once, WorkSignal signal, Action<ILogger, TimeSpan, Exception> failed, Idleness idleness, WorkUntil until, CancellationTokenSource ending)
    {
        var loop = new object();
        var stop = ending.Token;
        while (!stop.IsCancellationRequested)
        {
            var hint = signal.Next;
            try
            {
                if (await once(stop).ConfigureAwait(false))
                {
                    continue;
                }

                if (idleness.Begin(loop, hint, signal) && until == WorkUntil.Idle)
                {
                    await ending.CancelAsync().ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The one place where a loop's faults are caught: it must outlive any of them.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (StoreCalls.IsOutOfReach(exception))
                {
                    Log.StoreFailed(logger, options.PollInterval, exception);
                }
                else
                {
                    failed(logger, options.PollInterval, exception);
                }
            }

            await time.WaitAsync(hint, options.PollInterval, stop).ConfigureAwait(false);
            idleness.End(loop);
        }
    }

    private async Task SweepAsync(Sweeper sweeper, CancellationToken stop)
    {
        var never = new TaskCompletionSource().Task;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await sweeper.SweepAsync(allLost: false, stop).ConfigureAwait(false);
                await consolidator.CatchUpAsync(stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The one place where the sweep's faults are caught: the next sweep tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (StoreCalls.IsOutOfReach(exception))
                {
                    sweeper.StoreFailed();
                }

                Log.SweepFailed(logger, exception);
            }

            await time.WaitAsync(never, options.SweepInterval, stop).ConfigureAwait(false);
        }
    }

    private async Task RetainAsync(RetentionDuty duty, CancellationToken stop)
    {
        var never = new TaskCompletionSource().Task;
        while (!stop.IsCancellationRequested)
        {
            await RetainOnceAsync(duty, stop).ConfigureAwait(false);
            await time.WaitAsync(never, duty.Wait, stop).ConfigureAwait(false);
        }
    }

    private async Task RetainOnceAsync(RetentionDuty duty, CancellationToken stop)
    {
        try
        {
            await duty.RunAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was marked is finished in another turn, by whoever takes it.
        }
#pragma warning disable CA1031 // The one place where the duty's faults are caught: what it left undone is done in another turn.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RetentionFailed(logger, exception);
        }
    }

    private async Task EndWhenDrainedAsync(Func<IReadOnlyCollection<(int Batch, short Stage)>> missing, WorkSignal idle, CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                var hint = idle.Next;
                if (!await HasOpenWorkAsync(missing(), ending.Token).ConfigureAwait(false))
                {
                    return;
                }

                await time.WaitAsync(hint, options.PollInterval, ending.Token).ConfigureAwait(false);
                ending.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Asked to stop: the loops end by themselves.
        }
        finally
        {
            // Also if the question itself failed: the lanes must not go on for ever without anybody who ends them.
            await ending.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>True also while the store does not answer.</summary>
    private async Task<bool> HasOpenWorkAsync(IReadOnlyCollection<(int Batch, short Stage)> missing, CancellationToken cancellationToken)
    {
        try
        {
            // Who came to wait for an answer just when it was shared is nobody's work for a moment: the sweep's net is drawn before the second look.
            return await store.HasOpenWorkAsync(missing, cancellationToken).ConfigureAwait(false)
                || await store.TendAsksAsync(cancellationToken).ConfigureAwait(false) > 0
                || await store.HasOpenWorkAsync(missing, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreCalls.IsOutOfReach(exception))
        {
            Log.StoreFailed(logger, options.PollInterval, exception);
            return true;
        }
    }
}
