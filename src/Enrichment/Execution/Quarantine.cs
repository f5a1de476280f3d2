namespace Enrichment.Execution;

/// <summary>Lets one lane work while all others of the host rest, so that an item suspected of killing its host can be told from those that merely were in the house.</summary>
internal sealed class Quarantine(int lanes) : IDisposable
{
    private readonly SemaphoreSlim door = new(1);
    private readonly SemaphoreSlim places = new(lanes);

    /// <summary>Takes a lane's place among the others; waits while one of them is alone.</summary>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        await door.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            door.Release();
        }
    }

    public void Leave() => places.Release();

    /// <summary>Waits until the lane that calls, which has entered, is the only one inside.</summary>
    public async Task BeginAloneAsync()
    {
        places.Release();
        await door.WaitAsync().ConfigureAwait(false);
        for (var place = 0; place < lanes; place++)
        {
            await places.WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets the others in again; the lane itself stays inside.</summary>
    public void EndAlone()
    {
        if (lanes > 1)
        {
            places.Release(lanes - 1);
        }

        door.Release();
    }

    public void Dispose()
    {
        door.Dispose();
        places.Dispose();
    }
}
