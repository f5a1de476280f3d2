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
    private readonly IEnrichmentStep step;
    private readonly StagePlan plan;
    private readonly Func<ClaimedItem, StepContext> context;
    private readonly TimeProvider time;
    private readonly List<StepRun> runs;
    private readonly ChannelWriter<ItemCommit> outcomes;
    private readonly ITimer watch;
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int next = -1;
    private int open;
    private int spare; // Pullers that may still be called up.
    private int calledUp; // 1 while one that was called up has not begun.
    private volatile bool stopped;

    public StepRunner(IEnrichmentStep step, StagePlan plan, Func<ClaimedItem, StepContext> context, TimeProvider time, IReadOnlyList<ClaimedItem> items, ChannelWriter<ItemCommit> outcomes)
    {
        this.step = step;
        this.plan = plan;
        this.context = context;
        this.time = time;
        this.outcomes = outcomes;
        runs = [.. items.Select(item => new StepRun(item))];
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
    /// <param name="leave">Called for each item that was not begun.</param>
    public void Stop(Action<ClaimedItem> leave)
    {
        stopped = true;
        int index;
        while ((index = Interlocked.Increment(ref next)) < runs.Count)
        {
            leave(runs[index].Item);
            EndOne();
        }
    }

    /// <summary>Ends the calls in flight without waiting for them, and asks each to stop.</summary>
    /// <param name="outcome">What becomes of them; null if nothing is to be written.</param>
    public void Abandon(StepOutcome? outcome)
    {
        foreach (var run in runs.Where(run => run.IsRunning && run.TryEnd()))
        {
            Finish(run, outcome);
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
            run.StartedAt = Math.Max(1, time.GetTimestamp());
            var outcome = await CallAsync(run).ConfigureAwait(false);
            if (!run.TryEnd())
            {
                return; // Abandoned: another puller has taken this one's place.
            }

            Finish(run, outcome);
        }
    }

    private async Task<StepOutcome> CallAsync(StepRun run)
    {
        try
        {
            return await step.ExecuteAsync(context(run.Item), run.Token).ConfigureAwait(false)
                ?? StepOutcome.Failed("The step returned null instead of an outcome.", ErrorClass.InvalidOutput);
        }
#pragma warning disable CA1031 // The one place where a step's faults are caught: whatever it throws is its item's outcome.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return StepOutcome.Failed($"The step threw {ErrorText.Of(exception)}");
        }
    }

    private void Watch()
    {
        foreach (var run in runs)
        {
            if (run.IsRunning && time.GetElapsedTime(run.StartedAt) >= plan.Stage.Timeout && run.TryEnd())
            {
                Finish(run, TimedOut());
                run.Cancel();
                _ = Task.Run(PullAsync);
            }
        }
    }

    private StepOutcome TimedOut()
    {
        var reason = $"The step did not answer within {plan.Stage.Timeout}.";
        return plan.Stage.Manifest.Effects == Effects.Pure ? StepOutcome.Retry(reason) : StepOutcome.Unknown(reason);
    }

    private void Finish(StepRun run, StepOutcome? outcome)
    {
        if (outcome is not null)
        {
            outcomes.TryWrite(plan.Verdict.Of(run.Item, outcome, Random.Shared.NextDouble()));
        }

        EndOne();
    }

    private void EndOne()
    {
        if (Interlocked.Decrement(ref open) == 0)
        {
            done.TrySetResult();
        }
    }
}
