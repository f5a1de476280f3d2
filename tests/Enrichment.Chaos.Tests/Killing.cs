using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>One kill, and the proof that it hit.</summary>
/// <param name="Dead">Who was killed.</param>
/// <param name="Hit">
/// Whether the dead holder's lease lies on an interval that is half done. A kill that came too late does not count.
/// </param>
public sealed record Killing(WorkerProcess Dead, bool Hit)
{
    /// <summary>
    /// How many states have to have ended before the next kill, so that the kills are spread over the first half of the first batch.
    /// </summary>
    public static long Share(Journey journey, int landed) => (long)journey.First * landed / Size.Kills;

    /// <summary>Waits for the middle of an interval, kills its holder, and looks what it left.</summary>
    /// <param name="journey">What they work on.</param>
    /// <param name="done">How many states have to have ended.</param>
    /// <param name="workers">Of whom the first that is in the middle of an interval is killed.</param>
    public static async Task<Killing> OneAsync(Journey journey, long done, params WorkerProcess[] workers)
    {
        while (true)
        {
            // Stopped first, so that it is killed where it was seen, however long the look takes.
            var worker = await journey.MidRunAsync(done, workers);
            worker.Send(Signals.Stop);
            if (await journey.IsMidRunAsync(worker))
            {
                await worker.KillAsync();
                return new(worker, await journey.IsMidRunAsync(worker, live: false));
            }

            worker.Send(Signals.Continue);
        }
    }
}
