using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>kill -9 in the middle of work, again and again. A class a store, so that both run at once.</summary>
public abstract class KillTests(string store)
{
    [Fact]
    public async Task A_worker_that_is_killed_again_and_again_loses_and_doubles_nothing()
    {
        await using var chaos = await ChaosStore.CreateAsync(store);
        var journey = await Journey.LaunchAsync(chaos, Size.Items, ChaosEngine.Work);
        for (var landed = 0; landed < Size.Kills;)
        {
            await using var worker = await WorkerProcess.StartAsync(chaos);
            landed += (await Killing.OneAsync(journey, Killing.Share(journey, landed), worker)).Hit ? 1 : 0;
        }

        await using var last = await WorkerProcess.StartAsync(chaos);
        await journey.EndAsync(last);
        Assert.Equal(0, await last.TerminateAsync());
        await journey.AuditAsync();
    }
}
