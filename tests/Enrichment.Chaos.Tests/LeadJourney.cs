using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>Leads from their launch until everything has ended: every item, and every answer on its way.</summary>
public sealed class LeadJourney : IAsyncDisposable
{
    private readonly EnrichmentEngine engine;
    private readonly Supply supply;

    private LeadJourney(ChaosStore store, Supply supply)
    {
        Store = store;
        this.supply = supply;
        engine = Engine(store);
    }

    public ChaosStore Store { get; }

    /// <summary>The items of the first batch, by which the faults are spread.</summary>
    public int First => supply.First;

    /// <summary>The items of all batches.</summary>
    public int Items => supply.Items;

    /// <summary>Stages made-up leads and launches them: a company and a person each that no other lead names.</summary>
    public static Task<LeadJourney> LaunchAsync(ChaosStore store, int items) =>
        LaunchAsync(store, new Supply(LeadsEngine.Pipeline, File, Size.FreshLeads), items);

    /// <summary>Stages what a supply has and launches it.</summary>
    public static async Task<LeadJourney> LaunchAsync(ChaosStore store, Supply supply, int items)
    {
        var journey = new LeadJourney(store, supply);
        await journey.engine.MigrateAsync();
        await supply.LaunchAsync(journey.engine, items);
        return journey;
    }

    /// <summary>Waits until so many states have ended.</summary>
    public Task DoneAsync(long states, ReceivingHosts hosts) =>
        UntilAsync(
            $"{states} states have ended",
            async () => await Store.NumberAsync("select coalesce(sum(completed + failed + skipped), 0) from ranges") >= states,
            hosts);

    /// <summary>Waits for something that comes about while there is work. Launches fresh work before the old runs out.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> ask, ReceivingHosts hosts) => Wait.UntilAsync(
        async () =>
        {
            if (await supply.RunsLowAsync(Store))
            {
                await supply.LaunchAsync(engine);
            }

            return await ask();
        },
        what,
        () => hosts.Log);

    /// <summary>
    /// Holds all batches, or lets them go on: what is out goes on in any case. A server that is just coming back is asked again.
    /// </summary>
    public Task HoldAsync(bool held) => Wait.UntilAsync(async () =>
    {
        await Supply.HoldAsync(Store, engine, held);
        return true;
    }, "the batches are held or let go");

    /// <summary>
    /// Waits until all batches have ended, the vendor has nothing on its way, everything that it delivered was read, and the last lease of
    /// a dead host was taken over.
    /// </summary>
    public async Task EndAsync(Vendor vendor, ReceivingHosts hosts)
    {
        await Wait.UntilAsync(
            async () => await Store.NumberAsync("select count(*) from batches where not entity_requests and status not in (3, 4, 5)") == 0,
            "the batches have ended",
            () => hosts.Log);
        await Wait.UntilAsync(() => vendor.OnTheirWay == 0, "the vendor has delivered everything", () => hosts.Log);
        await Wait.UntilAsync(
            async () => await Store.NumberAsync("select count(*) from inbox where state = 0") == 0,
            "every delivery was read",
            () => hosts.Log);
        await Wait.UntilAsync(async () => await Store.NumberAsync("select count(*) from leases") == 0, "no lease is left", () => hosts.Log);
    }

    /// <summary>What the doctor finds, asked through an engine that saw nothing of the run.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync()
    {
        await using var doctor = Engine(Store);
        return await doctor.ExamineAsync();
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private static EnrichmentEngine Engine(ChaosStore store) => EnrichmentEngine.Create(e => LeadsEngine.Describe(e, store.Connection));

    private static string File(int batch, int items)
    {
        var csv = new StringBuilder("Company Name,Email\n");
        for (var item = 1; item <= items; item++)
        {
            csv.Append(CultureInfo.InvariantCulture, $" Company {batch}-{item} ,person-{batch}-{item}@example.com\n");
        }

        return csv.ToString();
    }
}
