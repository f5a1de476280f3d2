using System.Collections.Concurrent;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>
/// How many tasks of a stage may be handed out now: a bounded number ahead of the workers, and under a rate limit no more than workers want
/// that are there. Thread-safe.
/// </summary>
internal sealed class TaskRoom(IExternalTaskStore store, WorkSignal signal, WorkerRun run)
{
    // A worker that waits for work asks every second or so.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // While workers fetch, room is looked for this often.
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<(int Batch, short Stage), long> full = new();
    private readonly TimeProvider time = run.Time;
    private int raising;

    /// <summary>The run that it works for.</summary>
    public WorkerRun Run => run;

    /// <summary>Stages for which there was no room a moment ago.</summary>
    public IReadOnlyCollection<(int Batch, short Stage)> Full
    {
        get
        {
            if (full.IsEmpty)
            {
                return [];
            }

            var now = time.GetTimestamp();
            foreach (var stage in full.Where(stage => stage.Value <= now))
            {
                full.TryRemove(stage);
            }

            return [.. full.Keys];
        }
    }

    /// <summary>How many tasks may be handed out.</summary>
    /// <param name="plan">A stage whose step external workers do.</param>
    /// <param name="most">How many are wanted.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<int> RoomAsync(StagePlan plan, int most, CancellationToken cancellationToken)
    {
        var stage = (plan.Batch.Key, plan.Number);
        var demand = await store
            .ReadDemandAsync(
                stage,
                plan.Stage.Manifest.Slug,
                plan.Stage.Manifest.Version,
                plan.Batch.Client,
                run.Options.TasksAhead,
                Window,
                cancellationToken)
            .ConfigureAwait(false);
        var room = run.Options.TasksAhead - demand.Ahead;
        if (plan.Stage.Limits is not null)
        {
            room = Math.Min(room, demand.Wanted - demand.Ahead);
        }

        if (room <= 0)
        {
            var rest = demand.Wanted > 0 ? Soon : run.Options.PollInterval;
            full[stage] = time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency);
            if (demand.Wanted > 0 && Interlocked.Exchange(ref raising, 1) == 0)
            {
                _ = RaiseAsync();
            }
        }

        return Math.Clamp(room, 0, most);
    }

    // Not waited for by the claim loop: a host whose tasks only wait for workers is idle.
    private async Task RaiseAsync()
    {
        await Task.Delay(Soon, time).ConfigureAwait(false);
        Volatile.Write(ref raising, 0);
        signal.Raise();
    }
}
