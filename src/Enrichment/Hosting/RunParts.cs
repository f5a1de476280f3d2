using Enrichment.Callbacks;
using Enrichment.Entities;
using Enrichment.Execution;
using Enrichment.External;
using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Scheduling;
using Enrichment.Steps;
using Enrichment.Timers;

namespace Enrichment.Hosting;

/// <summary>Puts the parts of one run of a worker together. Only this class says which part knows which.</summary>
internal sealed class RunParts : IDisposable
{
    private readonly Heartbeat heartbeat;
    private readonly Quarantine quarantine = new();
    private readonly DueBatchCache dueBatches;

    public RunParts(
        IEnrichmentStore store,
        StepActivator steps,
        CallbackTokens callbacks,
        BatchPlans plans,
        WorkSignals signals,
        WorkerRun run,
        CancellationToken drained)
    {
        var (options, time) = (run.Options, run.Time);
        Signals = signals;
        StoreRetry = new(time, run.Logger, drained);
        Credits = new(store, store, time);
        Limits = new(store, StoreRetry, run);
        Missing = new(steps, run);
        var writer = new OutcomeWriter(store, store, StoreRetry, Credits, Limits, run.Instruments);

        // The sweep holds no answers: it needs to know at once that the store does not answer, because leases then lapse although no host
        // is lost.
        var impatient = new OutcomeWriter(store, store, storeRetry: null, Credits, limits: null, run.Instruments);
        Sweeper = new(store, store, store, impatient, plans, signals.Due, run);
        Sequencer = new(store, impatient, plans, signals.Due, run);

        // What claimed work goes through.
        var host = new StepHost(
            new(),
            new(options.MaxConcurrentCalls, time),
            new(options.AnswerBytes, options.MaxResultBytes),
            Credits,
            run);
        Slots = host.Slots;
        var permits = new CallPermits(host, Limits);
        var requests = new EntityRequests(store, StoreRetry, writer, run.Owner, time);
        var outcomes = new WriteOutcomes(writer, run);
        var attempts = new OpenAttempts(store, StoreRetry, permits, callbacks, outcomes, run);
        var pipeline = new ClaimPipeline(
            requests, permits, steps, attempts, new(callbacks, host), outcomes, new(store, StoreRetry, host));

        // What chooses and claims it.
        heartbeat = new(store, store, run.Owner, options.Lease, () => Limits.Held, run.Logger);
        dueBatches = new(store.FindDueAsync, Credits, time);
        Claims = new(store, StoreRetry, heartbeat, quarantine, pipeline, signals.Due, run);
        var room = new TaskRoom(store, signals.Due, run);
        var dispatcher = new Dispatcher(store, plans, Missing, dueBatches, new(() => run.Options.MaxConcurrentClaims, time), permits, room);
        Loop = new(dispatcher, Claims, permits, Missing);

        // What is answered later.
        Timers = new(store, plans, steps, Missing, writer, host, signals.Due);
        Tasks = new(store, plans, writer, signals.Due, run);
        Interpreter = new(store, StoreRetry, writer, plans, steps, signals.Due, run);
    }

    /// <summary>Raised when something may be due, or was delivered.</summary>
    public WorkSignals Signals { get; }

    public StoreRetry StoreRetry { get; }

    public VendorCredits Credits { get; }

    public CallSlots Slots { get; }

    public RateLimiters Limits { get; }

    public MissingSteps Missing { get; }

    public Sweeper Sweeper { get; }

    public Sequencer Sequencer { get; }

    public ClaimWorker Claims { get; }

    public ClaimLoop Loop { get; }

    public TimerService Timers { get; }

    public TaskTimers Tasks { get; }

    public Interpreter Interpreter { get; }

    /// <summary>How many outcomes were written.</summary>
    public long Outcomes => Claims.Outcomes + Timers.Outcomes + Tasks.Outcomes;

    /// <summary>Acts on the dates of calls that are out and of tasks. False if there was nothing to do.</summary>
    public async Task<bool> ActOnDatesAsync(CancellationToken stop) =>
        await Tasks.RunOnceAsync(stop).ConfigureAwait(false) | await Timers.RunOnceAsync(stop).ConfigureAwait(false);

    public void Dispose()
    {
        dueBatches.Dispose();
        quarantine.Dispose();
        heartbeat.Dispose();
    }
}
