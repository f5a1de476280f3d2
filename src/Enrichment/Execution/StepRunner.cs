using System.Diagnostics;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// Runs a set of items through a step, many at once, and isolates faults: a step that throws, hangs, blocks its thread or returns an
/// invalid result fails only its own item.
/// </summary>
/// <remarks>
/// A few pullers begin one call after the other, on threads of their own; a call that waits for its answer occupies none of them. If steps
/// block their threads, pullers are added, up to a bound. A call that exceeds its time-out is abandoned: its outcome is written without it,
/// and a new puller replaces the blocked one. Its late result is ignored. A call with effects outside has a slot before it begins. A pure
/// call takes a slot once it waits; if there is none, its puller waits too.
/// </remarks>
internal abstract class StepRunner : IDisposable
{
    /// <summary>How many threads the calls of one set may block at once.</summary>
    public const int MostThreads = 32;

    private readonly List<StepRun> runs;
    private readonly TimeSpan period;
    private readonly ITimer watch;
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int next = -1;
    private int unbegun;
    private int open;
    private int pullers;
    private volatile bool stopped;

    private protected StepRunner(
        ClassifyOutcome outcomes,
        IEnumerable<ArraySegment<ClaimedItem>> calls,
        StepHost host,
        RateLimitLease? limit)
    {
        (Outcomes, Plan, Host) = (outcomes, outcomes.Plan, host);
        Admission = new(outcomes, limit, host, Begin);
        var haveSlots = Plan.Stage.Manifest.Effects != Effects.Pure;
        runs = [.. calls.Select(items => new StepRun(items, haveSlots))];
        open = runs.Count;
        unbegun = 2 * runs.Count;
        period = TimeSpan.FromTicks(
            Math.Clamp(Plan.Stage.Timeout.Ticks / 8, TimeSpan.TicksPerMillisecond * 10, TimeSpan.TicksPerSecond / 4));
        watch = host.Run.Time.CreateTimer(_ => Watch(), null, period, period);
    }

    /// <summary>
    /// Ends when each call was made and has freed its thread, because it ended or waits for its answer with a slot or a puller.
    /// </summary>
    public Task Begun => begun.Task;

    /// <summary>
    /// Whether calls wait for their answers, and each has its slot among the calls in flight: nothing but answers is missing.
    /// </summary>
    public bool OnlyWaits => Volatile.Read(ref open) > 0 && runs.TrueForAll(run => run.IsAccountedFor);

    private protected ClassifyOutcome Outcomes { get; }

    private protected StagePlan Plan { get; }

    private protected StepHost Host { get; }

    private protected CallAdmission Admission { get; }

    /// <summary>The span that calls belong to: they begin on threads that know of none.</summary>
    private protected ActivityContext Interval { get; } = Activity.Current?.Context ?? default;

    /// <summary>Makes a runner.</summary>
    /// <param name="step">The step.</param>
    /// <param name="outcomes">Receives the answers, in any order, within its memory budget.</param>
    /// <param name="calls">
    /// The items of each call: one, or several for a bulk step. With effects outside, each has a slot, which is given back at its end.
    /// </param>
    /// <param name="host">The means to call them.</param>
    /// <param name="limit">The calls that the vendor allows; null for any.</param>
    public static StepRunner Of(
        CalledStep step,
        ClassifyOutcome outcomes,
        IEnumerable<ArraySegment<ClaimedItem>> calls,
        StepHost host,
        RateLimitLease? limit = null) =>
        outcomes.Plan.Stage.Manifest.BulkSize is null
            ? new SingleStepRunner(step, outcomes, calls, host, limit)
            : new BulkStepRunner(step, outcomes, calls, host, limit);

    /// <summary>Ends when every item has an outcome, or was left because of <see cref="Stop"/>.</summary>
    public Task RunAsync()
    {
        if (runs.Count == 0)
        {
            begun.TrySetResult();
            done.TrySetResult();
        }

        for (var puller = 0; puller < Math.Min(Environment.ProcessorCount, runs.Count); puller++)
        {
            CallUp();
        }

        return done.Task;
    }

    /// <summary>Begins no further call. Calls in flight go on.</summary>
    /// <param name="leave">Called for each item whose call was not begun.</param>
    public void Stop(Action<ClaimedItem> leave)
    {
        stopped = true;
        Admission.Stop();
        while (TryTakeNext() is { } run)
        {
            foreach (var item in run.Items)
            {
                leave(item);
            }

            EndOne(run);
        }
    }

    /// <summary>Ends the calls in flight without waiting for them, and cancels each.</summary>
    /// <param name="outcome">Their outcome; null if nothing is to be written.</param>
    public void Abandon(StepOutcome? outcome)
    {
        foreach (var run in runs.Where(run => run.IsRunning && run.TryEnd()))
        {
            End(run, outcome);
            run.Cancel();
        }
    }

    public void Dispose()
    {
        watch.Dispose();
        Admission.Dispose();
    }

    private StepRun? TryTakeNext() => Interlocked.Increment(ref next) is var index && index < runs.Count ? runs[index] : null;

    private void CallUp()
    {
        Interlocked.Increment(ref pullers);
        Host.Threads.Run(Pull);
    }

    private void Pull()
    {
        while (!stopped && TryTakeNext() is { } run)
        {
            run.HoldThread();
            var call = CallAsync(run);
            if (!run.TryLeaveThread())
            {
                return; // Abandoned: another puller has taken this one's place.
            }

            var mustWait = !call.IsCompleted && MustWait(run);
            ArrangeWait(run);
            if (mustWait)
            {
                break;
            }
        }

        Interlocked.Decrement(ref pullers);
    }

    /// <summary>Takes a slot for a call that waits for its answer, or makes this puller wait for its end.</summary>
    private bool MustWait(StepRun run)
    {
        if (run.IsAccountedFor)
        {
            return false;
        }

        if (!Host.Slots.TryTakeOne(Plan.Batch.Client))
        {
            return run.TryKeepPuller();
        }

        if (!run.TryKeepSlot())
        {
            Host.Slots.Return(Plan.Batch.Client, 1);
        }

        return false;
    }

    private void Watch()
    {
        var stuck = 0;
        foreach (var run in runs)
        {
            if (run.IsRunning && Host.Run.Time.GetElapsedTime(run.StartedAt) >= Plan.Stage.Timeout && run.TryEnd())
            {
                run.Permit?.Note(Outcomes.TimedOut());
                End(run, Outcomes.TimedOut());
                run.Cancel();
                if (run.TryLeaveThread())
                {
                    Interlocked.Decrement(ref pullers);
                    CallUp();
                }
            }

            stuck += run.HoldsThread && run.IsRunning && Host.Run.Time.GetElapsedTime(run.StartedAt) >= period ? 1 : 0;
        }

        // All pullers hang in calls, as far as can be seen: twice as many may get on.
        var more = stuck >= Volatile.Read(ref pullers) ? Math.Min(stuck, MostThreads - stuck) : 0;
        while (more-- > 0 && Volatile.Read(ref next) + 1 < runs.Count)
        {
            CallUp();
        }
    }

    private protected void Begin(StepRun run)
    {
        if (run.TryBegin())
        {
            CountBegun();
        }
    }

    /// <summary>
    /// A call has a slot or a puller for its wait, or does not wait. Only then can it be told whether only answers are missing.
    /// </summary>
    private void ArrangeWait(StepRun run)
    {
        if (run.TryArrangeWait())
        {
            CountBegun();
        }
    }

    private void CountBegun()
    {
        if (Interlocked.Decrement(ref unbegun) == 0)
        {
            begun.TrySetResult();
        }
    }

    /// <summary>Makes one call, up to the end of its items.</summary>
    private protected abstract Task CallAsync(StepRun run);

    /// <summary>Ends a call without what it would have answered.</summary>
    private void End(StepRun run, StepOutcome? outcome)
    {
        Host.Run.Telemetry.Called(Plan, run.StartedAt, outcome, run.Span);
        foreach (var item in outcome is null ? [] : run.Items)
        {
            Outcomes.Answered(item, outcome!, run.Spread);
        }

        EndOne(run);
    }

    /// <summary>The moment of a call was over before it could be made, or the vendor wants none now: its items are due again.</summary>
    private protected void GiveBack(StepRun run, string reason)
    {
        foreach (var item in run.Items)
        {
            Outcomes.NotCalled(item, reason);
        }

        EndOne(run);
    }

    private protected void EndOne(StepRun run)
    {
        Admission.Leave(run);
        var (slot, puller) = run.LetGo();
        if (slot)
        {
            Host.Slots.Return(Plan.Batch.Client, 1);
        }

        if (puller)
        {
            CallUp();
        }

        // Counted before it has begun: once all have, those that are open wait.
        var last = Interlocked.Decrement(ref open) == 0;
        Begin(run);
        ArrangeWait(run);
        if (last)
        {
            done.TrySetResult();
        }
    }
}
