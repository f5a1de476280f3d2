using Enrichment.Callbacks;
using Enrichment.Consolidation;
using Enrichment.Diagnostics;
using Enrichment.Execution;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Retention;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Hosting;

/// <summary>A host at work: loops that claim and run, a heartbeat that keeps their leases, a sweep that finds what was left behind.</summary>
internal sealed class Worker(
    IEnrichmentStore store, StepCatalogue catalogue, StepActivator steps, CallbackTokens callbacks, BatchPlans plans, Consolidator consolidator, Pruner pruner, WorkSignals signals, EngineOptions hostOptions, TimeProvider time, ILogger<Worker> logger, Telemetry telemetry)
{
    private readonly WorkerOptions options = hostOptions.Worker;

    /// <summary>Works until stopped; then begins nothing more, lets calls in flight end, and gives its leases back.</summary>
    /// <param name="until">When it ends by itself.</param>
    /// <param name="stop">Asks it to stop.</param>
    public async Task<WorkReport> RunAsync(WorkUntil until, CancellationToken stop)
    {
        // Unique to the process and to the run, because runs may overlap; readable for an operator who asks who holds a lease.
        var run = new WorkerRun($"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("n")[..8]}", options, new(time, logger, telemetry));
        await using var right = await store.AcquireWorkerAsync(reason => Log.WorkerWaits(logger, reason), stop).ConfigureAwait(false);
        Log.WorkerStarted(logger, run.Owner, options.MaxConcurrentClaims, options.Lease);
        using var drained = new CancellationTokenSource();
        using var drain = time.CreateTimer(_ => drained.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var stopping = stop.UnsafeRegister(_ => drain.Change(options.DrainTimeout, Timeout.InfiniteTimeSpan), null);
        var calls = new StoreRetry(time, logger, drained.Token);
        var credits = new VendorCredits(store, store, time);
        var limits = new RateLimiters(store, calls, run.Owner, options.Lease, time);
        var writer = new OutcomeWriter(store, calls, credits, limits, run.Instruments);

        // The sweep has nothing in hand: it would rather hear at once that the store is away, because then leases lapse that nobody has lost.
        var impatient = new OutcomeWriter(store, calls: null, credits, limits: null, run.Instruments);
        var sweeper = new Sweeper(store, impatient, plans, signals.Due, run);
        var sequencer = new Sequencer(store, impatient, plans, signals.Due, run);
        using var heartbeat = new Heartbeat(store, run.Owner, options.Lease, () => limits.Held, logger);
        using var quarantine = new Quarantine();
        using var look = new DueBatchCache(store.FindDueAsync, credits, time);
        var host = new StepHost(new(), new(options.MaxConcurrentCalls, time), new(options.AnswerBytes, options.MaxResultBytes), credits, run);
        var permits = new CallPermits(host, limits);
        var outcomes = new WriteOutcomes(writer, run);
        var attempts = new OpenAttempts(store, calls, permits, callbacks, outcomes, run);
        var pipeline = new ClaimPipeline(new(store, calls, writer, time), permits, steps, attempts, new(callbacks, host), outcomes, host);
        var work = new ClaimWorker(store, calls, heartbeat, quarantine, pipeline, signals.Due, run);
        var missing = new MissingSteps(steps, run);
        var dispatcher = new Dispatcher(store, plans, missing, look, new(options.MaxConcurrentClaims, time), permits, options);
        var loop = new ClaimLoop(dispatcher, work, permits, missing);
        await calls.RunAsync(async token => await StartAsync(sweeper, credits, token).ConfigureAwait(false), stop).ConfigureAwait(false);

        var task = new RetentionTask(store, pruner, hostOptions.Retention, run.Owner, options, time, logger);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var idle = new WorkSignal();
        var timers = new TimerService(store, plans, steps, missing, writer, host, signals.Due);
        var interpreter = new Interpreter(store, calls, writer, plans, steps, signals.Due, options, time, logger);
        var loops = new WorkerLoops(run, until, options.MaxConcurrentClaims + 3, ending);

        // What is out is acted on at its dates, of which no signal tells; only a run that ends when nothing is due looks again after everything that was sent.
        var sent = until == WorkUntil.Idle ? signals.Due : new();
        List<Task> running =
        [
            .. Enumerable.Range(0, options.MaxConcurrentClaims + 1).Select(_ => loops.WorkAsync(token => loop.WorkOnceAsync(idle, token), signals.Due, Log.ClaimLoopFailed)),
            loops.WorkAsync(timers.RunOnceAsync, sent, Log.TimersFailed),
            loops.WorkAsync(interpreter.InterpretOnceAsync, signals.Delivered, Log.InterpretingFailed),
            loops.RepeatAsync(token => sweeper.TakeLostAsync(all: false, token), () => options.SweepInterval, SweepFailed, done: true),
            .. new Func<CancellationToken, Task>[] { sweeper.CancelAsync, sequencer.AdvanceAsync, sweeper.EndBatchesAsync, credits.ReadAsync }
                .Select(once => loops.RepeatAsync(once, () => options.SweepInterval, SweepFailed)),
            .. new Func<CancellationToken, Task>[] { sweeper.RepairAsync, sweeper.ReconcileAsync }.Select(once => loops.RepeatAsync(once, () => Sweeper.RepairInterval, SweepFailed)),
            loops.RepeatAsync(consolidator.CatchUpAsync, () => options.SweepInterval, SweepFailed, sweeper.BatchesEnded),
            until switch
            {
                WorkUntil.Stopped => loops.RepeatAsync(task.RunAsync, () => task.Wait, exception => Log.RetentionFailed(logger, exception)),
                WorkUntil.Drained => EndWhenDrainedAsync(missing, idle, ending),
                _ => Task.CompletedTask,
            },
        ];

        await Task.WhenAll(running).ConfigureAwait(false);
        telemetry.TurnsEnded();
        await Task.WhenAll(work.EndAsync(), timers.EndAsync()).ConfigureAwait(false);

        // What is not given back of limits by then, because the store is away, lapses.
        await time.WaitAsync(limits.EndAsync(), StoreRetry.Goodbye, CancellationToken.None).ConfigureAwait(false);
        var ended = !stop.IsCancellationRequested;
        if (ended)
        {
            await calls.RunAsync(async token => await EndAsync(sweeper, sequencer, token).ConfigureAwait(false), stop).ConfigureAwait(false);
            await RetainOnceAsync(task, stop).ConfigureAwait(false);
        }

        Log.WorkerStopped(logger, run.Owner);
        return new(work.Outcomes + timers.Outcomes, interpreter.Deliveries, sweeper.Ended, ended);

        void SweepFailed(Exception exception)
        {
            if (StoreRetry.IsOutOfReach(exception))
            {
                sweeper.StoreFailed();
            }

            Log.SweepFailed(logger, exception);
        }
    }

    private async Task<bool> StartAsync(Sweeper sweeper, VendorCredits credits, CancellationToken cancellationToken)
    {
        if (await store.CheckSchemaAsync(cancellationToken).ConfigureAwait(false) is var schema and not SchemaState.Current)
        {
            throw Migration.Unready(schema);
        }

        await store.RegisterManifestsAsync(catalogue.Manifests, cancellationToken).ConfigureAwait(false);
        await sweeper.TakeLostAsync(store.AdmitsOneWorker, cancellationToken).ConfigureAwait(false);
        await credits.ReadAsync(cancellationToken).ConfigureAwait(false); // Polls do not wait for the first look.
        return true;
    }

    /// <summary>The last sweep, and what it ends is shown: repeated, as a whole, while the store is away.</summary>
    private async Task<bool> EndAsync(Sweeper sweeper, Sequencer sequencer, CancellationToken cancellationToken)
    {
        try
        {
            await sweeper.SweepAsync(sequencer, cancellationToken).ConfigureAwait(false);
            await consolidator.CatchUpAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception))
        {
            sweeper.StoreFailed();
            throw;
        }
    }

    private async Task RetainOnceAsync(RetentionTask task, CancellationToken stop)
    {
        try
        {
            await task.RunAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What was marked is finished by the next run, on any host.
        }
#pragma warning disable CA1031 // The one place where the task's faults are caught: the next run does what it left undone.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RetentionFailed(logger, exception);
        }
    }

    private async Task EndWhenDrainedAsync(MissingSteps missing, WorkSignal idle, CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                var hint = idle.Next;
                if (!await HasOpenWorkAsync(missing, ending.Token).ConfigureAwait(false))
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
            // Also if the query itself failed: else the loops would never end.
            await ending.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>True also while the store does not answer.</summary>
    private async Task<bool> HasOpenWorkAsync(MissingSteps missing, CancellationToken cancellationToken)
    {
        try
        {
            // Who came to wait for an answer just when it was shared is nobody's work for a moment: the sweep's net is drawn before the second look.
            return await store.HasOpenWorkAsync(missing.Stages, missing.Unable, cancellationToken).ConfigureAwait(false)
                || await store.ReconcileRequestsAsync(cancellationToken).ConfigureAwait(false) > 0
                || await store.HasOpenWorkAsync(missing.Stages, missing.Unable, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception))
        {
            Log.StoreFailed(logger, options.PollInterval, exception);
            return true;
        }
    }
}
