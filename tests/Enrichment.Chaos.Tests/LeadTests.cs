using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// Vendors who answer early, twice, late, never, or not now: with three hosts that live, and with hosts and a server that die.
/// </summary>
public sealed class LeadTests
{
    private const int Seed = 20_261;
    private const int Hosts = 3;
    private const int Restarts = 2;

    [Fact]
    public async Task Three_hosts_and_two_vendors_who_answer_as_vendors_do_agree_call_by_call()
    {
        await using var store = await ChaosStore.CreateAsync("postgres");
        await using var vendor = await Vendor.StartAsync(Seed);
        await using var journey = await LeadJourney.LaunchAsync(store, Size.Leads);
        await using var hosts = await ReceivingHosts.StartAsync(store, vendor, Hosts);

        await journey.EndAsync(vendor, hosts);
        await hosts.TerminateAsync();

        await LeadAudit.RunAsync(journey, vendor, hostsDied: false);
    }

    [Fact]
    public async Task Receiving_hosts_that_are_killed_again_and_again_lose_no_answer_and_double_no_paid_call()
    {
        var random = new Random(Seed);
        await using var cluster = await PostgresCluster.StartAsync();
        await using var store = await ChaosStore.PostgresAsync(cluster.ConnectionString);
        await using var vendor = await Vendor.StartAsync(Seed + 1);
        await using var journey = await LeadJourney.LaunchAsync(store, Size.LeadsAmongKills);
        await using var hosts = await ReceivingHosts.StartAsync(store, vendor, Hosts);
        for (int landed = 0, restarts = 0; landed < Size.Kills;)
        {
            // Spread over the first quarter of the first batch.
            await journey.DoneAsync((long)journey.First * LeadsEngine.Stages * landed / (4 * Size.Kills), hosts);
            var dead = await hosts.KillAsync(journey, random, LeadsEngine.VendorStages);
            landed += dead.Hits;
            if (restarts < Restarts && landed > Size.Kills * restarts / Restarts)
            {
                restarts++;
                await cluster.RestartImmediatelyAsync();
            }

            await hosts.StartAgainAsync(dead.Hosts);
            await journey.HoldAsync(false);
        }

        await journey.EndAsync(vendor, hosts);
        await hosts.TerminateAsync();

        await LeadAudit.RunAsync(journey, vendor, hostsDied: true);
    }
}
