namespace Enrichment.Chaos.Tests;

/// <summary>One kill, and the proof that it hit.</summary>
public static class Killing
{
    /// <summary>How many states have to have ended before the next kill, so that the kills are spread over the first half of the run: the second is room for kills that come too late.</summary>
    public static long Share(Journey journey, int landed) => (long)journey.Items * landed / Size.Kills;

    /// <summary>Waits for the middle of an interval, kills the worker, and looks what it left.</summary>
    /// <returns>Whether an interval that was seen half done is still half done, with its dead holder's lease on it. A kill that came too late does not count.</returns>
    public static async Task<bool> LandedAsync(Journey journey, WorkerProcess worker, long done)
    {
        var seen = await journey.MidRunAsync(worker, done);
        Assert.True(seen.IsMidRun);
        await worker.KillAsync();
        var left = await HeldInterval.ReadAsync(journey.Store, worker.Id, live: false);
        return left.Any(interval => interval.IsMidRun);
    }
}
