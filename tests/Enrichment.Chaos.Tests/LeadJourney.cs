using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.Storage;

namespace Enrichment.Chaos.Tests;

/// <summary>Leads from their launch until everything has ended: every item, and every answer on its way.</summary>
public sealed class LeadJourney : IAsyncDisposable
{
    private readonly EnrichmentEngine engine;

    private LeadJourney(ChaosStore store, EnrichmentEngine engine, int items, Batch batch)
    {
        this.engine = engine;
        Store = store;
        Items = items;
        Batch = batch;
    }

    public ChaosStore Store { get; }

    public int Items { get; }

    public Batch Batch { get; }

    /// <summary>Stages made-up leads and launches them.</summary>
    public static async Task<LeadJourney> LaunchAsync(ChaosStore store, int items)
    {
        var engine = Engine(store);
        await engine.MigrateAsync();
        var csv = new StringBuilder("Company Name,Email\n");
        for (var item = 1; item <= items; item++)
        {
            csv.Append(CultureInfo.InvariantCulture, $" Company {item} ,person-{item}@example.com\n");
        }

        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "apollo_scrape");
        return new(store, engine, items, await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = LeadsEngine.Pipeline }));
    }

    /// <summary>Waits until so many states have ended, while the batch goes on.</summary>
    public Task DoneAsync(long states, ReceivingHosts hosts) =>
        UntilAsync($"{states} states have ended", async () => await Store.NumberAsync("select coalesce(sum(completed + failed + skipped), 0) from ranges") >= states, hosts);

    /// <summary>Waits for something that has to come about before the batch has ended.</summary>
    public Task UntilAsync(string what, Func<Task<bool>> ask, ReceivingHosts hosts) => Until.TrueAsync(
        what,
        async () =>
        {
            Assert.False(await EndedAsync(), "The batch ended before every fault had been put in: the run shows too little.");
            return await ask();
        },
        () => hosts.Log);

    /// <summary>Holds the batch, or lets it go on: what is out goes on in any case. A server that is just coming back is asked again.</summary>
    public Task OperateAsync(Func<EnrichmentClient, Guid, Task> operation) => Until.TrueAsync("the operation is done", async () =>
    {
        await operation(engine.Client("acme"), Batch.Id);
        return true;
    });

    /// <summary>Waits until the batch has ended, the vendor has nothing on its way, everything that it delivered was read, and the last lease of a dead host was taken over.</summary>
    public async Task EndAsync(Vendor vendor, ReceivingHosts hosts)
    {
        await Until.TrueAsync("the batch has ended", EndedAsync, () => hosts.Log);
        await Until.TrueAsync("the vendor has delivered everything", () => Task.FromResult(vendor.OnTheirWay == 0), () => hosts.Log);
        await Until.TrueAsync("every delivery was read", async () => await Store.NumberAsync("select count(*) from inbox where state = 0") == 0, () => hosts.Log);
        await Until.TrueAsync("no lease is left", async () => await Store.NumberAsync("select count(*) from leases") == 0, () => hosts.Log);
    }

    /// <summary>What the doctor finds, asked through an engine that saw nothing of the run.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync()
    {
        await using var doctor = Engine(Store);
        return await doctor.ExamineAsync();
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private static EnrichmentEngine Engine(ChaosStore store) => EnrichmentEngine.Create(e => LeadsEngine.Describe(e, store.Connection));

    private async Task<bool> EndedAsync() => await Store.NumberAsync("select count(*) from batches where status in (3, 4, 5)") > 0;
}
