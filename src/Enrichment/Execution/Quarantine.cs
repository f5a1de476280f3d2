namespace Enrichment.Execution;

/// <summary>
/// Lets one piece of work run while all others of the host rest, so that an item suspected of killing its host can be told from those that
/// merely were in the house.
/// </summary>
internal sealed class Quarantine : IDisposable
{
    private readonly SemaphoreSlim door = new(1);
    private readonly Lock gate = new();
    private TaskCompletionSource? empty;
    private int inside;

    /// <summary>Enters; waits while a claim works alone, or waits to.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        await door.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (gate)
        {
            inside++;
        }

        door.Release();
    }

    /// <summary>Counts once more, for detached work of a claim that is inside.</summary>
    public void Stay()
    {
        lock (gate)
        {
            inside++;
        }
    }

    public void Leave()
    {
        lock (gate)
        {
            if (--inside == 0)
            {
                empty?.TrySetResult();
            }
        }
    }

    /// <summary>Waits until the one that calls, which has entered, is the only one inside.</summary>
    public async Task BeginAloneAsync()
    {
        Leave();
        await door.WaitAsync().ConfigureAwait(false);
        Task alone;
        lock (gate)
        {
            empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (inside == 0)
            {
                empty.SetResult();
            }

            alone = empty.Task;
        }

        await alone.ConfigureAwait(false);
        lock (gate)
        {
            empty = null;
            inside++;
        }
    }

    /// <summary>Lets the others in again; the one itself stays inside.</summary>
    public void EndAlone() => door.Release();

    public void Dispose() => door.Dispose();
}
