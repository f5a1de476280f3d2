using System.Threading.Channels;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>Runs a portion of items through a step, many at once, and keeps faults apart: a step that throws, hangs, blocks its thread or returns rubbish costs its own item.</summary>
/// <remarks>
/// Pullers take the next item until none is left. Each that begins calls the next one up, so that there are as many as calls wait at once, up to the bound:
/// a step that answers without waiting needs no more than there are threads. A call that is over its time is abandoned: its outcome is written without
/// it, and a new puller takes the place of the one that hangs in it. If it returns after all, nobody listens.
/// </remarks>
internal sealed class StepRunner : IDisposable
{
    private static readonly StepOutcome Null = StepOutcome.Failed("The step returned null instead of an outcome.", ErrorClass.InvalidOutput);
    private static readonly StepOutcome Unanswered = StepOutcome.Retry("The vendor's answer to the call of several items holds nothing for this one.");

    private readonly ReadyStep step;
    private readonly StagePlan plan;
    private readonly Func<ClaimedItem, StepContext> context;
    private readonly TimeProvider time;
    private readonly List<StepRun> runs;
    private readonly ChannelWriter<ItemCommit> outcomes;
    private readonly LimitTurn? limit;
    private readonly ITimer watch;
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int next = -1;
    private int open;
    private int spare; // Pullers that may still be called up.
    private int calledUp; // 1 while one that was called up has not begun.
    private volatile bool stopped;

    /// <summary>Makes a runner.</summary>
    /// <param name="step">The step.</param>
    /// <param name="plan">The stage that it runs for.</param>
    /// <param name="context">What the step is told of an item.</param>
    /// <param name="time">The host's clock.</param>
    /// <param name="calls">The items of each call: one, or several for a bulk step.</param>
    /// <param name="outcomes">Where the outcomes go, in whatever order they come.</param>
    /// <param name="limit">The calls that the vendor allows; null for any.</param>
    public StepRunner(
        ReadyStep step, StagePlan plan, Func<ClaimedItem, StepContext> context, TimeProvider time, IEnumerable<ArraySegment<ClaimedItem>> calls, ChannelWriter<ItemCommit> outcomes, LimitTurn? limit = null)
    {
        this.step = step;
        this.plan = plan;
        this.context = context;
        this.time = time;
        this.outcomes = outcomes;
        this.limit = limit;
        runs = [.. calls.Select(items => new StepRun(items))];
        open = runs.Count;
        var period = TimeSpan.FromTicks(Math.Clamp(plan.Stage.Timeout.Ticks / 8, TimeSpan.TicksPerMillisecond * 10, TimeSpan.TicksPerSecond));
        watch = time.CreateTimer(_ => Watch(), null, period, period);
    }

    /// <summary>Ends when every item has an outcome, or was left because of <see cref="Stop"/>.</summary>
    public Task RunAsync(int inFlight)
    {
        if (runs.Count == 0)
        {
            done.TrySetResult();
        }

        spare = Math.Min(inFlight, runs.Count);
        CallUp();
        return done.Task;
    }

    /// <summary>Begins no further call. Calls in flight go on.</summary>
    /// <param name="leave">Called for each item whose call was not begun.</param>
    public void Stop(Action<ClaimedItem> leave)
    {
        stopped = true;
        limit?.Stop();
        int index;
        while ((index = Interlocked.Increment(ref next)) < runs.Count)
        {
            foreach (var item in runs[index].Items)
            {
                leave(item);
            }

            EndOne(runs[index]);
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

    public void Dispose() => watch.Dispose();

    private void CallUp()
    {
        if (Volatile.Read(ref calledUp) != 0 || Volatile.Read(ref spare) <= 0 || Volatile.Read(ref next) + 1 >= runs.Count || Interlocked.Exchange(ref calledUp, 1) != 0)
        {
            return;
        }

        if (Interlocked.Decrement(ref spare) < 0)
        {
            Volatile.Write(ref calledUp, 0);
            return;
        }

        _ = Task.Run(() =>
        {
            Volatile.Write(ref calledUp, 0);
            return PullAsync();
        });
    }

    private async Task PullAsync()
    {
        int index;
        while (!stopped && (index = Interlocked.Increment(ref next)) < runs.Count)
        {
            CallUp();
            var run = runs[index];
            if (limit is not null && (run.Slot = await limit.EnterAsync().ConfigureAwait(false)) is null)
            {
                GiveBack(run);
                continue;
            }

            run.StartedAt = Math.Max(1, time.GetTimestamp());
            if (plan.Stage.Manifest.BulkSize is null ? await CallAsync(run).ConfigureAwait(false) : await CallManyAsync(run).ConfigureAwait(false))
            {
                EndOne(run);
            }
            else
            {
                return; // Abandoned: another puller has taken this one's place.
            }
        }
    }

    private async Task<bool> CallAsync(StepRun run)
    {
        StepOutcome outcome;
        var note = false; // What a step throws may be the vendor's fault or its own: it tells a limit nothing.
        try
        {
            await using var use = step.Begin();
            outcome = await use.Step.ExecuteAsync(context(run.Items[0]), run.Token).ConfigureAwait(false) ?? Null;
            note = true;
        }
#pragma warning disable CA1031 // Here and below: whatever a step throws is its items' outcome.
        catch (Exception exception)
        {
            outcome = Thrown(exception);
        }

        if (!run.TryEnd())
        {
            return false;
        }

        if (note)
        {
            run.Slot?.Note(outcome);
        }

        Write(run, run.Items[0], outcome);
        return true;
    }

    private async Task<bool> CallManyAsync(StepRun run)
    {
        StepContext[] contexts = [];
        IReadOnlyDictionary<string, StepOutcome>? answers = null;
        var fault = Null;
        try
        {
            contexts = [.. run.Items.Select(context)];
            await using var use = step.Begin();
            answers = await ((IBulkStep)use.Step).ExecuteAsync(contexts, run.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
#pragma warning restore CA1031
        {
            fault = Thrown(exception);
        }

        if (!run.TryEnd())
        {
            return false;
        }

        StepOutcome[] each = [.. Enumerable.Range(0, run.Items.Count).Select(i =>
            answers is null ? fault : answers.TryGetValue(contexts[i].IdempotencyKey, out var answer) ? answer ?? Null : Unanswered)];
        if (answers is not null)
        {
            run.Slot?.Note(each);
        }

        for (var i = 0; i < each.Length; i++)
        {
            Write(run, run.Items[i], each[i]);
        }

        return true;
    }

    private void Watch()
    {
        foreach (var run in runs)
        {
            if (run.IsRunning && time.GetElapsedTime(run.StartedAt) >= plan.Stage.Timeout && run.TryEnd())
            {
                run.Slot?.Note(TimedOut());
                End(run, TimedOut());
                run.Cancel();
                _ = Task.Run(PullAsync);
            }
        }
    }

    private StepOutcome Thrown(Exception exception) => StepOutcome.Failed($"The step threw {step.Told(exception)}");

    private StepOutcome TimedOut()
    {
        var reason = $"The step did not answer within {plan.Stage.Timeout}.";
        return plan.Stage.Manifest.Effects == Effects.Pure ? StepOutcome.Retry(reason) : StepOutcome.Unknown(reason);
    }

    /// <summary>Ends a call without what it would have answered.</summary>
    private void End(StepRun run, StepOutcome? outcome)
    {
        foreach (var item in outcome is null ? [] : run.Items)
        {
            Write(run, item, outcome!);
        }

        EndOne(run);
    }

    /// <summary>The moment of a call was over before it could be made, or the vendor wants none now: its items are due again.</summary>
    private void GiveBack(StepRun run)
    {
        foreach (var item in run.Items)
        {
            outcomes.TryWrite(plan.Verdict.Drained(item, "The vendor's limit let no call through in its time; it was not made."));
        }

        EndOne(run);
    }

    private void Write(StepRun run, ClaimedItem item, StepOutcome outcome) => outcomes.TryWrite(plan.Verdict.Of(item, step.Told(outcome), run.Spread));

    private void EndOne(StepRun run)
    {
        run.Slot?.End();
        if (Interlocked.Decrement(ref open) == 0)
        {
            done.TrySetResult();
        }
    }
}
