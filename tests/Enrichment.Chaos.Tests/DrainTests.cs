using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>SIGTERM under load. A class a store, so that both run at once.</summary>
public abstract class DrainTests(string kind)
{
    private static readonly int Rounds = 5 * Size.Factor;

    [Fact]
    public async Task A_worker_that_is_told_to_end_burns_no_try_and_leaves_no_lease()
    {
        await using var store = await ChaosStore.CreateAsync(kind);
        var journey = await Journey.LaunchAsync(store, Size.Items * 3 / 10, ChaosEngine.Work);
        for (var round = 0; round < Rounds; round++)
        {
            await using var worker = await WorkerProcess.StartAsync(store);
            await journey.MidRunAsync(2L * journey.First * (round + 1) / (Rounds + 2), worker);
            Assert.Equal(0, await worker.TerminateAsync());
            Assert.Equal(0, await store.NumberAsync("select count(*) from leases"));
            Assert.Equal(0, await store.NumberAsync("select count(*) from workflow_states where status = 0 and tries > 0"));
            Assert.Equal(0, await store.NumberAsync("select count(*) from attempts where outcome is null"));
        }

        await using var last = await WorkerProcess.StartAsync(store);
        await journey.EndAsync(last);
        Assert.Equal(0, await last.TerminateAsync());
        await journey.AuditAsync();
        Assert.Equal(0, await store.NumberAsync("select count(*) from workflow_states where tries <> 1"));
        Assert.Equal(journey.Items, Ledger.Read(store.Folder).Count); // Each vendor call was made once: a drain lets it end.
    }
}
