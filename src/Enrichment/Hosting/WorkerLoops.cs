using Enrichment.Plans;
using Enrichment.Scheduling;
using Enrichment.Steps;
using Microsoft.Extensions.Logging;

namespace Enrichment.Hosting;

/// <summary>How the loops of a worker run: each outlives any fault of what it does, and once it has begun it waits for no other.</summary>
/// <param name="run">The run of the worker.</param>
/// <param name="until">When the worker ends by itself.</param>
/// <param name="working">How many loops look for work. A worker that runs until it is idle ends when all of them have found none.</param>
/// <param name="ending">Cancelled when the worker ends.</param>
internal sealed class WorkerLoops(WorkerRun run, WorkUntil until, int working, CancellationTokenSource ending)
{
    private readonly Idleness idleness = new(working);
    private Task begun = Task.CompletedTask;

    /// <summary>Does one thing again and again while there is some of it, and else waits for a signal.</summary>
    public Task WorkAsync(
        Func<CancellationToken, Task<bool>> once,
        WorkSignal signal,
        Action<ILogger, TimeSpan, Exception> failed) => Task.Run(
        async () =>
        {
            var loop = new object();
            while (!ending.IsCancellationRequested)
            {
                var hint = signal.Next;
                if (await TryAsync(once, exception => Tell(exception, failed)).ConfigureAwait(false))
                {
                    continue;
                }

                if (idleness.Begin(loop, hint, signal) && until == WorkUntil.Idle)
                {
                    await ending.CancelAsync().ConfigureAwait(false);
                }

                await run.Time.WaitAsync(hint, run.Options.PollInterval, ending.Token).ConfigureAwait(false);
                idleness.End(loop);
            }
        },
        CancellationToken.None);

    /// <summary>Does one thing again and again, with a pause between, which a signal may cut short.</summary>
    /// <remarks>
    /// The first turns come one after the other, in the order of the calls, unless one takes long. If all began at once, each would open a
    /// connection of its own. Later work would use all these connections in turn, and every statement would be prepared on each of them.
    /// </remarks>
    /// <param name="once">The work.</param>
    /// <param name="pause">How long it rests afterwards.</param>
    /// <param name="failed">Told of its faults.</param>
    /// <param name="sooner">Cuts the pause short.</param>
    /// <param name="done">Whether it was just done, so that a pause comes first.</param>
    public Task RepeatAsync(
        Func<CancellationToken, Task> once,
        Func<TimeSpan> pause,
        Action<Exception> failed,
        WorkSignal? sooner = null,
        bool done = false)
    {
        var (before, first) = (begun, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        begun = first.Task;
        return Task.Run(
            async () =>
            {
                var never = new TaskCompletionSource().Task;
                await run.Time.WaitAsync(before, run.Options.SweepInterval, ending.Token).ConfigureAwait(false);
                while (!ending.IsCancellationRequested)
                {
                    var hint = sooner?.Next ?? never;
                    if (!done)
                    {
                        await TryAsync(
                            async stop =>
                            {
                                await once(stop).ConfigureAwait(false);
                                return true;
                            },
                            failed).ConfigureAwait(false);
                    }

                    done = false;
                    first.TrySetResult();
                    await run.Time.WaitAsync(hint, pause(), ending.Token).ConfigureAwait(false);
                }

                first.TrySetResult();
            },
            CancellationToken.None);
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> once, Action<Exception> failed)
    {
        try
        {
            return await once(ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return true; // The loop ends.
        }
#pragma warning disable CA1031 // The one place where a loop's faults are caught: it must outlive any of them.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failed(exception);
            return false;
        }
        finally
        {
            run.Telemetry.Turned();
        }
    }

    private void Tell(Exception exception, Action<ILogger, TimeSpan, Exception> failed)
    {
        if (StoreRetry.IsOutOfReach(exception))
        {
            Log.StoreFailed(run.Logger, run.Options.PollInterval, exception);
        }
        else
        {
            failed(run.Logger, run.Options.PollInterval, exception);
        }
    }
}
