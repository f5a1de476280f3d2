using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Retention;
using Enrichment.Scheduling;
using Enrichment.Steps;
using Enrichment.Storage;
using Microsoft.Extensions.Logging;

namespace Enrichment.Hosting;

/// <summary>
/// A host at work: loops that claim and run, a heartbeat that keeps their leases, a sweep that finds unfinished work.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="catalogue">The steps that the host has.</param>
/// <param name="assemble">Puts the parts of a run together; the token fires when the host's drain time has ended.</param>
/// <param name="ended">Acts on the end of batches.</param>
/// <param name="pruner">Prunes old batches.</param>
/// <param name="engine">The options.</param>
/// <param name="instruments">Metrics, spans and logs.</param>
internal sealed class Worker(
    IEnrichmentStore store,
    StepCatalogue catalogue,
    Func<WorkerRun, CancellationToken, RunParts> assemble,
    EndedBatches ended,
    Pruner pruner,
    EngineOptions engine,
    Instruments instruments)
{
    private readonly TimeProvider time = instruments.Time;
    private readonly ILogger logger = instruments.Logger;

    /// <summary>Works until stopped. Then no more work begins, calls in flight end, and it gives its leases back.</summary>
    /// <param name="until">When it ends by itself.</param>
    /// <param name="stop">Stops it.</param>
    public async Task<WorkReport> RunAsync(WorkUntil until, CancellationToken stop)
    {
        // Unique to the process and to the run, because runs may overlap; readable for an operator that looks up the holder of a lease.
        var run = new WorkerRun(
            $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("n")[..8]}",
            () => engine.Worker,
            instruments);
        var options = engine.Worker;
        await using var right = await store.AcquireWorkerAsync(reason => Log.WorkerWaits(logger, reason), stop).ConfigureAwait(false);
        Log.WorkerStarted(logger, run.Owner, options.MaxConcurrentClaims, options.Lease);
        using var drained = new CancellationTokenSource();
        using var drain = time.CreateTimer(_ => drained.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var stopping = stop.UnsafeRegister(_ => drain.Change(engine.Worker.DrainTimeout, Timeout.InfiniteTimeSpan), null);
        using var parts = assemble(run, drained.Token);
        await parts.StoreRetry.RunAsync(async token => await StartAsync(parts, token).ConfigureAwait(false), stop).ConfigureAwait(false);

        var retention = new RetentionTask(store, pruner, engine.Retention, run.Owner, options, time, logger);
        var gauges = new BacklogGauges(store, store, run);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var idle = new WorkSignal();
        var loops = new WorkerLoops(run, until, options.MaxConcurrentClaims + 3, ending);
        var (sweeper, signals) = (parts.Sweeper, parts.Signals);

        // Sent calls have dates, without a signal. Only a run that ends when nothing is due looks again after each send.
        var sent = until == WorkUntil.Idle ? signals.Due : new();
        EnrichmentException? refusal = null;
        var claiming = new List<Task>();
        Claim(options);
        List<Task> running =
        [
            loops.WorkAsync(parts.ActOnDatesAsync, sent, Log.TimersFailed),
            loops.WorkAsync(parts.Interpreter.InterpretOnceAsync, signals.Delivered, Log.InterpretingFailed),
            loops.RepeatAsync(
                token => sweeper.TakeLostAsync(all: false, token),
                () => engine.Worker.SweepInterval,
                SweepFailed,
                done: true),
            .. new Func<CancellationToken, Task>[]
            {
                sweeper.CancelAsync,
                parts.Sequencer.AdvanceAsync,
                sweeper.EndBatchesAsync,
                parts.Credits.ReadAsync,
            }.Select(once => loops.RepeatAsync(once, () => engine.Worker.SweepInterval, SweepFailed)),
            .. new Func<CancellationToken, Task>[] { sweeper.RepairAsync, sweeper.ReconcileAsync }.Select(once =>
                loops.RepeatAsync(once, () => Sweeper.RepairInterval, SweepFailed)),
            loops.RepeatAsync(store.CheckSchemaAsync, () => Sweeper.RepairInterval, SchemaCheckFailed, done: true),
            loops.RepeatAsync(ended.CatchUpAsync, () => engine.Worker.SweepInterval, SweepFailed, sweeper.BatchesEnded),
            loops.RepeatAsync(gauges.ReadAsync, () => gauges.Wait, exception => Log.GaugesFailed(logger, exception)),
            until switch
            {
                WorkUntil.Stopped => loops.RepeatAsync(
                    retention.RunAsync,
                    () => retention.Wait,
                    exception => Log.RetentionFailed(logger, exception)),
                WorkUntil.Drained => EndWhenDrainedAsync(parts, idle, ending),
                _ => Task.CompletedTask,
            },
        ];

        // A run that ends when nothing is due knows how many loops it has: it keeps them.
        using (until == WorkUntil.Idle ? null : engine.OnChange(Change))
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }

        await Task.WhenAll(claiming).ConfigureAwait(false);
        instruments.Telemetry.TurnsEnded();
        await Task.WhenAll(parts.Claims.EndAsync(), parts.Timers.EndAsync()).ConfigureAwait(false);

        // What is not given back by then, because the store does not answer, lapses.
        var given = Task.WhenAll(parts.Limits.EndAsync(), gauges.EndAsync(CancellationToken.None));
        await time.WaitAsync(given, StoreRetry.Goodbye, CancellationToken.None).ConfigureAwait(false);
        var finished = !stop.IsCancellationRequested && refusal is null;
        if (finished)
        {
            await parts.StoreRetry.RunAsync(async token => await EndAsync(parts, token).ConfigureAwait(false), stop).ConfigureAwait(false);
            await RetainOnceAsync(retention, stop).ConfigureAwait(false);
        }

        Log.WorkerStopped(logger, run.Owner);
        if (refusal is not null)
        {
            throw refusal;
        }

        return new(parts.Outcomes, parts.Interpreter.Deliveries, sweeper.Ended, finished);

        void Change(WorkerOptions changed)
        {
            parts.Slots.Resize(changed.MaxConcurrentCalls);
            Claim(changed);
            signals.Due.Raise();
        }

        // Of loops that are too many, the scheduler gives none any work.
        void Claim(WorkerOptions changed)
        {
            while (claiming.Count <= changed.MaxConcurrentClaims)
            {
                claiming.Add(loops.WorkAsync(token => parts.Loop.WorkOnceAsync(idle, token), signals.Due, Log.ClaimLoopFailed));
            }
        }

        // A newer version has changed the schema so that this one would do harm: what it has in hand ends, and it begins nothing more.
        void SchemaCheckFailed(Exception exception)
        {
            if (exception is EnrichmentException refused)
            {
                refusal = refused;
                drain.Change(engine.Worker.DrainTimeout, Timeout.InfiniteTimeSpan);
                ending.Cancel();
            }
            else
            {
                SweepFailed(exception);
            }
        }

        void SweepFailed(Exception exception)
        {
            if (StoreRetry.IsOutOfReach(exception))
            {
                sweeper.StoreFailed();
            }

            Log.SweepFailed(logger, exception);
        }
    }

    private async Task<bool> StartAsync(RunParts parts, CancellationToken cancellationToken)
    {
        if (await store.CheckSchemaAsync(cancellationToken).ConfigureAwait(false) is var schema and not SchemaState.Current)
        {
            throw StoreSchema.Unready(schema);
        }

        await store.RegisterManifestsAsync(catalogue.Manifests, cancellationToken).ConfigureAwait(false);
        await ended.BeginAsync(cancellationToken).ConfigureAwait(false);
        await parts.Sweeper.TakeLostAsync(store.AdmitsOneWorker, cancellationToken).ConfigureAwait(false);
        await parts.Credits.ReadAsync(cancellationToken).ConfigureAwait(false); // Polls do not wait for the first look.
        return true;
    }

    /// <summary>The last sweep, and what it ends is shown: repeated, as a whole, while the store is away.</summary>
    private async Task<bool> EndAsync(RunParts parts, CancellationToken cancellationToken)
    {
        try
        {
            await parts.Sweeper.SweepAsync(parts.Sequencer, cancellationToken).ConfigureAwait(false);
            await ended.CatchUpAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception))
        {
            parts.Sweeper.StoreFailed();
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
            // The next run, on any host, finishes the marked batches.
        }
#pragma warning disable CA1031 // The one place where the task's faults are caught: the next run does what it left undone.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.RetentionFailed(logger, exception);
        }
    }

    private async Task EndWhenDrainedAsync(RunParts parts, WorkSignal idle, CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                var hint = idle.Next;
                if (!await HasOpenWorkAsync(parts, ending.Token).ConfigureAwait(false))
                {
                    return;
                }

                await time.WaitAsync(hint, engine.Worker.PollInterval, ending.Token).ConfigureAwait(false);
                ending.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // It is stopped: the loops end by themselves.
        }
        finally
        {
            // Also if the query itself failed: else the loops would never end.
            await ending.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>True also while the store does not answer.</summary>
    private async Task<bool> HasOpenWorkAsync(RunParts parts, CancellationToken cancellationToken)
    {
        var missing = parts.Missing;
        try
        {
            // A waiter that came just when the answer was given to all waiters is for a moment in no list of work: the sweep runs before
            // the second check.
            return await store.HasOpenWorkAsync(missing.Stages, missing.Unable, cancellationToken).ConfigureAwait(false)
                || await parts.Sweeper.ReconcileAsync(cancellationToken).ConfigureAwait(false)
                || await store.HasOpenWorkAsync(missing.Stages, missing.Unable, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception))
        {
            Log.StoreFailed(logger, engine.Worker.PollInterval, exception);
            return true;
        }
    }
}
