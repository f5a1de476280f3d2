using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>A second worker on a SQLite file.</summary>
public sealed class WaitingWorkerTests
{
    [Fact]
    public async Task A_second_worker_says_why_it_waits_and_takes_over_when_the_first_is_killed()
    {
        await using var store = await ChaosStore.CreateAsync("sqlite");
        var journey = await Journey.LaunchAsync(store, Size.Items * 2 / 5, ChaosEngine.Work);
        await using var first = await WorkerProcess.StartAsync(store);
        await journey.MidRunAsync(1, first);
        await using var second = await WorkerProcess.StartAsync(store);
        await Wait.UntilAsync(
            () => second.HasLogged($"is held by process {first.Id}"),
            "the second worker says who holds the lock",
            () => second.Log);

        // Stopped, the first keeps the lock, however long its leases have lapsed.
        first.Send(Signals.Stop);
        await Wait.UntilAsync(
            async () => await store.NumberAsync($"select count(*) from leases where until > {store.Now}") == 0,
            "the leases of the stopped worker have lapsed");
        Assert.Empty(await HeldInterval.ReadAsync(store, second.Id, live: false));
        first.Send(Signals.Continue);

        Assert.True((await Killing.OneAsync(journey, 1, first)).Hit);
        await journey.EndAsync(second);
        Assert.Equal(0, await second.TerminateAsync());
        await journey.AuditAsync();
    }
}
