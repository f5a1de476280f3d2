using System.Diagnostics;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Runs a set of items through a step, many at once, and keeps faults apart: a step that throws, hangs, blocks its thread or returns rubbish costs its own item.</summary>
/// <remarks>
/// A few pullers, on threads that are the steps' own, begin call after call; a call that waits for its answer keeps none of them. Where steps block their threads,
/// pullers are added, up to a bound. A call that is over its time is abandoned: its outcome is written without it, and a new puller takes the place of the one that
/// hangs in it. If it returns after all, nobody listens. A call with effects outside has its slot before it begins; a pure one takes a slot once it waits,
/// and if there is none its puller waits with it.
/// </remarks>
internal sealed class StepRunner : IDisposable
{
    /// <summary>How many threads the calls of one set may block at once.</summary>
    public const int MostThreads = 32;

    private static readonly StepOutcome Null = StepOutcome.Failed("The step returned null instead of an outcome.", ErrorClass.InvalidOutput);
    private static readonly StepOutcome Unanswered = StepOutcome.Retry("The vendor's answer to the call of several items holds nothing for this one.");

    private readonly CalledStep step;
    private readonly StagePlan plan;
    private readonly StepHost host;
    private readonly TimeProvider time;
    private readonly List<StepRun> runs;
    private readonly OutcomeQueue outcomes;
    private readonly RateLimitLease? limit;
    private readonly TimeSpan period;
    private readonly ITimer watch;
    private readonly ActivityContext interval = Activity.Current?.Context ?? default;
    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int next = -1;
    private int unbegun;
    private int open;
    private int pullers;
    private readonly CancellationTokenSource stopping = new();
    private volatile bool stopped;

    /// <summary>Makes a runner.</summary>
    /// <param name="step">The step.</param>
    /// <param name="plan">The stage that it runs for.</param>
    /// <param name="calls">The items of each call: one, or several for a bulk step. With effects outside, each has a slot, which is given back at its end.</param>
    /// <param name="outcomes">Where the outcomes go, in whatever order they come, and the room that answers find there.</param>
    /// <param name="host">What they are called with.</param>
    /// <param name="limit">The calls that the vendor allows; null for any.</param>
    public StepRunner(CalledStep step, StagePlan plan, IEnumerable<ArraySegment<ClaimedItem>> calls, OutcomeQueue outcomes, StepHost host, RateLimitLease? limit = null)
    {
        this.step = step;
        this.plan = plan;
        this.host = host;
        time = host.Run.Time;
        this.outcomes = outcomes;
        this.limit = limit;
        var haveSlots = plan.Stage.Manifest.Effects != Effects.Pure;
        runs = [.. calls.Select(items => new StepRun(items, haveSlots))];
        unbegun = open = runs.Count;
        period = TimeSpan.FromTicks(Math.Clamp(plan.Stage.Timeout.Ticks / 8, TimeSpan.TicksPerMillisecond * 10, TimeSpan.TicksPerSecond / 4));
        watch = time.CreateTimer(_ => Watch(), null, period, period);
    }

    /// <summary>Ends when each call was made and has let go of its thread, by an answer or to wait for one.</summary>
    public Task Begun => begun.Task;

    /// <summary>Whether calls wait for their answers, and each has its slot among the calls in flight: nothing but answers is missing.</summary>
    public bool OnlyWaits => Volatile.Read(ref open) > 0 && runs.TrueForAll(run => run.IsAccountedFor);

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
        limit?.Stop();
        _ = stopping.CancelAsync();
        while (TryTakeNext() is { } run)
        {
            foreach (var item in run.Items)
            {
                leave(item);
            }

            EndOne(run);
        }
    }

    /// <summary>Ends the calls in flight without waiting for them, and asks each to stop.</summary>
    /// <param name="outcome">What becomes of them; null if nothing is to be written.</param>
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
        stopping.Dispose();
    }

    private StepRun? TryTakeNext() => Interlocked.Increment(ref next) is var index && index < runs.Count ? runs[index] : null;

    private void CallUp()
    {
        Interlocked.Increment(ref pullers);
        host.Threads.Run(Pull);
    }

    private void Pull()
    {
        while (!stopped && TryTakeNext() is { } run)
        {
            run.HoldThread();
            var call = plan.Stage.Manifest.BulkSize is null ? CallAsync(run) : CallManyAsync(run);
            if (!run.TryLeaveThread())
            {
                return; // Abandoned: another puller has taken this one's place.
            }

            if (!call.IsCompleted && MustWait(run))
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

        if (!host.Slots.TryTakeOne(plan.Batch.Client))
        {
            return run.TryKeepPuller();
        }

        if (!run.TryKeepSlot())
        {
            host.Slots.Return(plan.Batch.Client, 1);
        }

        return false;
    }

    /// <summary>Waits for room for the answer, and for the moment of the call if there is a limit. False if it may not be made.</summary>
    private async ValueTask<bool> MayBeginAsync(StepRun run)
    {
        if (!outcomes.Budget.NeedsNone)
        {
            if (!outcomes.Budget.TryBegin())
            {
                Begin(run);
                if (!await outcomes.Budget.BeginAsync(stopping.Token).ConfigureAwait(false))
                {
                    GiveBack(run, "The host stopped before the call was made.");
                    return false;
                }

                await host.Threads;
            }

            run.HasRoom = true;
        }
        if (limit is not null)
        {
            var asked = host.Run.Telemetry.BeginLimitWait();
            var entering = limit.EnterAsync();
            var waits = !entering.IsCompleted;
            run.Slot = await entering.ConfigureAwait(false);
            host.Run.Telemetry.LimitWaited(plan, asked, run.Slot is not null);
            if (run.Slot is null)
            {
                GiveBack(run, "The vendor's limit let no call through in its time; it was not made.");
                return false;
            }

            if (waits)
            {
                await host.Threads;
            }
        }

        if (host.Credits.IsPaused(plan))
        {
            GiveBack(run, "The account with the vendor is used up; the call was not made.");
            return false;
        }

        host.Credits.Begin(plan);
        run.StartedAt = Math.Max(1, time.GetTimestamp());
        return true;
    }

    private async Task CallAsync(StepRun run)
    {
        if (!await MayBeginAsync(run).ConfigureAwait(false))
        {
            return;
        }

        run.Span = host.Run.Telemetry.Calling(plan, interval, run.Items.Count);
        StepOutcome outcome;
        var note = false; // What a step throws may be the vendor's fault or its own: it tells a limit nothing.
        try
        {
            await using var use = step.Ready.Begin();
            var answer = use.Step.ExecuteAsync(step.Context(run.Items[0]), run.Token);
            if (!answer.IsCompleted)
            {
                Begin(run);
            }

            outcome = await answer.ConfigureAwait(false) ?? Null;
            note = true;
        }
#pragma warning disable CA1031 // Here and below: whatever a step throws is its items' outcome.
        catch (Exception exception)
        {
            outcome = Thrown(exception);
        }

        if (!run.TryEnd())
        {
            return;
        }

        if (note)
        {
            run.Slot?.Note(outcome);
            run.Answered = outcome.Result.Length;
            host.Credits.Note(plan, outcome, run.StartedAt);
        }

        host.Run.Telemetry.Called(plan, run.StartedAt, outcome, run.Span);
        Write(run, run.Items[0], outcome);
        EndOne(run);
    }

    private async Task CallManyAsync(StepRun run)
    {
        if (!await MayBeginAsync(run).ConfigureAwait(false))
        {
            return;
        }

        run.Span = host.Run.Telemetry.Calling(plan, interval, run.Items.Count);
        StepContext[] contexts = [];
        IReadOnlyDictionary<string, StepOutcome>? answers = null;
        var fault = Null;
        try
        {
            contexts = [.. run.Items.Select(step.Context)];
            await using var use = step.Ready.Begin();
            var answer = ((IBulkStep)use.Step).ExecuteAsync(contexts, run.Token);
            if (!answer.IsCompleted)
            {
                Begin(run);
            }

            answers = await answer.ConfigureAwait(false);
        }
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = Thrown(exception);
        }

        if (!run.TryEnd())
        {
            return;
        }

        StepOutcome[] each = [.. Enumerable.Range(0, run.Items.Count).Select(i =>
            answers is null ? fault : answers.TryGetValue(contexts[i].IdempotencyKey, out var answer) ? answer ?? Null : Unanswered)];
        if (answers is not null)
        {
            run.Slot?.Note(each);
            run.Answered = each.Sum(outcome => (long)outcome.Result.Length);
            Array.ForEach(each, outcome => host.Credits.Note(plan, outcome, run.StartedAt));
        }

        host.Run.Telemetry.Called(plan, run.StartedAt, answers is null ? fault : null, run.Span);
        for (var i = 0; i < each.Length; i++)
        {
            Write(run, run.Items[i], each[i]);
        }

        EndOne(run);
    }

    private void Watch()
    {
        var stuck = 0;
        foreach (var run in runs)
        {
            if (run.IsRunning && time.GetElapsedTime(run.StartedAt) >= plan.Stage.Timeout && run.TryEnd())
            {
                run.Slot?.Note(TimedOut());
                End(run, TimedOut());
                run.Cancel();
                if (run.TryLeaveThread())
                {
                    Interlocked.Decrement(ref pullers);
                    CallUp();
                }
            }

            stuck += run.HoldsThread && run.IsRunning && time.GetElapsedTime(run.StartedAt) >= period ? 1 : 0;
        }

        // All pullers hang in calls, as far as can be seen: twice as many may get on.
        for (var added = stuck >= Volatile.Read(ref pullers) ? Math.Min(stuck, MostThreads - stuck) : 0; added > 0 && Volatile.Read(ref next) + 1 < runs.Count; added--)
        {
            CallUp();
        }
    }

    private void Begin(StepRun run)
    {
        if (run.TryBegin() && Interlocked.Decrement(ref unbegun) == 0)
        {
            begun.TrySetResult();
        }
    }

    private StepOutcome Thrown(Exception exception) => StepOutcome.Failed($"The step threw {step.Ready.Told(exception)}");

    private StepOutcome TimedOut()
    {
        var reason = $"The step did not answer within {plan.Stage.Timeout}.";
        return plan.Stage.Manifest.Effects == Effects.Pure ? StepOutcome.Retry(reason) : StepOutcome.Unknown(reason);
    }

    /// <summary>Ends a call without what it would have answered.</summary>
    private void End(StepRun run, StepOutcome? outcome)
    {
        host.Run.Telemetry.Called(plan, run.StartedAt, outcome, run.Span);
        foreach (var item in outcome is null ? [] : run.Items)
        {
            Write(run, item, outcome!);
        }

        EndOne(run);
    }

    /// <summary>The moment of a call was over before it could be made, or the vendor wants none now: its items are due again.</summary>
    private void GiveBack(StepRun run, string reason)
    {
        foreach (var item in run.Items)
        {
            outcomes.Add(plan.OutcomeRules.Drained(item, reason));
        }

        EndOne(run);
    }

    private void Write(StepRun run, ClaimedItem item, StepOutcome outcome) => outcomes.Add(plan.OutcomeRules.Of(item, step.Ready.Told(outcome), run.Spread));

    private void EndOne(StepRun run)
    {
        run.Slot?.End();
        if (run.HasRoom)
        {
            outcomes.Budget.End(run.Answered);
        }
        else if (run.Answered is { } answered)
        {
            outcomes.Budget.Learn(answered);
        }

        var (slot, puller) = run.LetGo();
        if (slot)
        {
            host.Slots.Return(plan.Batch.Client, 1);
        }

        if (puller)
        {
            CallUp();
        }

        // Counted before it has begun: once all have, those that are open wait.
        var last = Interlocked.Decrement(ref open) == 0;
        Begin(run);
        if (last)
        {
            done.TrySetResult();
        }
    }
}
