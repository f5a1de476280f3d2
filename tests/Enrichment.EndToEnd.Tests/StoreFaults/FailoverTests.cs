using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>A server that dies with the answers of paid calls in hand, and its standby, which becomes the server.</summary>
public sealed class FailoverTests
{
    [Fact]
    public async Task A_failover_to_a_standby_is_ridden_out()
    {
        await using var primary = await PostgresCluster.StartAsync();
        await using var standby = await primary.StartStandbyAsync();
        await using var bench = new FaultBench(e => e.UsePostgreSql(Either(primary, standby)));
        await bench.MigrateAsync();

        // The standby is there from the beginning but takes no writes: until it is promoted, no server does.
        var states = await bench.RunAsync(() => primary.StopImmediatelyAsync(), () => standby.PromoteAsync());

        Assert.All(states, state => Assert.Equal(Status.Completed, state.Status));
    }

    /// <summary>Of whichever of the two takes writes, asked anew every second.</summary>
    private static string Either(PostgresCluster one, PostgresCluster other) => new NpgsqlConnectionStringBuilder(one.ConnectionString)
    {
        Host = $"{HostOf(one)},{HostOf(other)}",
        TargetSessionAttributes = "read-write",
        HostRecheckSeconds = 1,
        Timeout = 5,
    }.ConnectionString;

    private static string HostOf(PostgresCluster cluster) => new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Host!;
}
