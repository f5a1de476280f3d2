using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>The server crashes under a worker that goes on living.</summary>
public sealed class RestartTests
{
    private static readonly int Restarts = 10 * Size.Factor;

    [Fact]
    public async Task A_worker_outlives_ten_crashes_of_the_server_and_nothing_is_lost_or_doubled()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var store = await ChaosStore.PostgresAsync(cluster.ConnectionString);
        var journey = await Journey.LaunchAsync(store, Size.Items, ChaosEngine.Work);
        await using var worker = await WorkerProcess.StartAsync(store);
        for (var restart = 0; restart < Restarts; restart++)
        {
            await journey.MidRunAsync(2L * journey.First * restart / (Restarts + 2), worker);
            await cluster.RestartImmediatelyAsync();
        }

        await journey.EndAsync(worker);
        Assert.Equal(0, await worker.TerminateAsync());
        await journey.AuditAsync();
    }
}
