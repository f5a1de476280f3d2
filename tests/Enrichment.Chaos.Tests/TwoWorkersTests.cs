using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>Two workers on one PostgreSQL database, of which one or the other is killed.</summary>
public sealed class TwoWorkersTests
{
    // Seeded, so that a run that fails can be run again.
    private const int Seed = 20_260;

    [Fact]
    public async Task Of_two_workers_one_is_killed_again_and_again_and_nothing_is_lost_or_doubled()
    {
        var random = new Random(Seed);
        await using var store = await ChaosStore.CreateAsync("postgres");
        var journey = await Journey.LaunchAsync(store, 2 * Size.Items, ChaosEngine.Work);
        WorkerProcess[] workers = [await WorkerProcess.StartAsync(store), await WorkerProcess.StartAsync(store)];
        try
        {
            for (var landed = 0; landed < Size.Kills;)
            {
                random.Shuffle(workers);
                var (dead, hit) = await Killing.OneAsync(journey, Killing.Share(journey, landed) / 2, workers);
                landed += hit ? 1 : 0;

                // Held until both live again: what the other one does alone shows nothing.
                await journey.HoldAsync(true);
                await dead.DisposeAsync();
                workers[Array.IndexOf(workers, dead)] = await WorkerProcess.StartAsync(store);
                await journey.HoldAsync(false);
            }

            await journey.EndAsync(workers);
            Assert.All(await Task.WhenAll(workers.Select(worker => worker.TerminateAsync())), code => Assert.Equal(0, code));
            await journey.AuditAsync();
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }
        }
    }
}
