using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.Storage;

namespace Enrichment.Chaos.Tests;

/// <summary>Ten people at each company, and a vendor who may be asked for a company once: with hosts that die.</summary>
public sealed class EntityTests
{
    private const int Seed = 20_262;
    private const int Hosts = 4;
    private const int Kills = 8;
    private const int PeopleEach = 10;

    // Normalised and split before; the ask itself is the one stage of its own batch.
    private const int Stage = 3;

    [Fact]
    public async Task Hosts_that_are_killed_again_and_again_ask_for_each_company_once_and_complete_nobody_before_it()
    {
        var random = new Random(Seed);
        await using var store = await ChaosStore.CreateAsync("postgres");
        await using var vendor = await Vendor.StartAsync(Seed);
        await using var engine = EnrichmentEngine.Create(e => LeadsEngine.Describe(e, store.Connection));
        await engine.MigrateAsync();
        await LaunchAsync(engine, "first");
        await using var hosts = await ReceivingHosts.StartAsync(store, vendor, Hosts);
        int[] all = [.. Enumerable.Range(0, Hosts)];
        for (var landed = 0; landed < Kills;)
        {
            // Spread over the first half of the run. All but one: who waits for a dead host's call is served by another. Everything is held until all live again.
            random.Shuffle(all);
            var victims = all[1..];
            await Until.TrueAsync(
                "hosts have calls out",
                async () =>
                {
                    Assert.False(Ended(await StatusAsync(store)), "The batch ended before every kill had hit: the run shows too little.");
                    return await KnownAsync(store) >= Size.Companies * landed / (2 * Kills) && await hosts.HaveCallsOutAsync(victims, stage: 1);
                },
                () => hosts.Log);
            landed += await hosts.KillAsync(victims, stage: 1);
            await HoldAsync(store, engine, held: true);
            await hosts.StartAgainAsync(victims);
            await HoldAsync(store, engine, held: false);
        }

        await EndAsync(store, vendor, hosts, batches: 1);
        await AuditAsync(store, vendor, engine, batches: 1);
        var calls = vendor.Calls.Count;

        await LaunchAsync(engine, "second");
        await EndAsync(store, vendor, hosts, batches: 2);
        await hosts.TerminateAsync();

        Assert.Equal(calls, vendor.Calls.Count);
        await AuditAsync(store, vendor, engine, batches: 2);
    }

    private static async Task LaunchAsync(EnrichmentEngine engine, string note)
    {
        var csv = new StringBuilder("Company Name,Email,Note\n");
        for (var item = 0; item < Size.Companies * PeopleEach; item++)
        {
            csv.Append(CultureInfo.InvariantCulture, $" Company {item % Size.Companies} ,person-{item}@example.com,{note}\n");
        }

        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "apollo_scrape");
        await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = LeadsEngine.Employers });
    }

    private static async Task HoldAsync(ChaosStore store, EnrichmentEngine engine, bool held)
    {
        foreach (var batch in await store.QueryAsync("select batch from batches where status in (0, 1, 2)"))
        {
            await engine.Store.SetPausedAsync((int)batch[0]!, held, default);
        }
    }

    private static async Task<long> StatusAsync(ChaosStore store) => await store.NumberAsync("select max(status) from batches where not asks");

    private static bool Ended(long status) => (BatchStatus)status is BatchStatus.Completed or BatchStatus.CompletedWithFailures;

    private static Task<long> KnownAsync(ChaosStore store) => store.NumberAsync("select coalesce(sum(r.completed), 0) from ranges r join batches b on b.batch = r.batch and b.asks");

    private static async Task EndAsync(ChaosStore store, Vendor vendor, ReceivingHosts hosts, int batches)
    {
        await Until.TrueAsync("the batches have ended", async () => await store.NumberAsync("select count(*) from batches where not asks and status in (3, 4)") == batches, () => hosts.Log);
        await Until.TrueAsync("the vendor has delivered everything", () => Task.FromResult(vendor.OnTheirWay == 0), () => hosts.Log);
        await Until.TrueAsync("every delivery was read", async () => await store.NumberAsync("select count(*) from inbox where state = 0") == 0, () => hosts.Log);
        await Until.TrueAsync("no lease is left", async () => await store.NumberAsync("select count(*) from leases") == 0, () => hosts.Log);
    }

    private static async Task AuditAsync(ChaosStore store, Vendor vendor, EnrichmentEngine engine, int batches)
    {
        Assert.Empty(await engine.ExamineAsync());
        Assert.Equal(0, await store.NumberAsync("select count(*) from attempts where outcome is null"));
        Assert.Equal(0, await store.NumberAsync("select count(*) from entity_waits"));

        // One call for a company, and the same key whenever it had to be repeated.
        var keys = vendor.Calls.Select(call => (call.Key, call.Subject)).Distinct().ToList();
        Assert.Equal(Size.Companies, keys.Count);
        Assert.Equal(Size.Companies, keys.Select(known => known.Key).Distinct().Count());
        Assert.Equal(Size.Companies, keys.Select(known => known.Subject).Distinct().Count());

        // Every call has an attempt that was begun before it; it is repeated after an answer that no work was done, or after its deadline.
        var attempts = (await store.QueryAsync("select encode(token, 'hex'), started_at, deadline_at from attempts where token is not null"))
            .ToDictionary(row => (string)row[0]!, row => (Began: new DateTimeOffset((DateTime)row[1]!), Deadline: new DateTimeOffset((DateTime)row[2]!)));
        Assert.All(vendor.Calls, call => Assert.True(attempts[call.TokenHash].Began < call.At));
        Assert.Equal(vendor.Calls.Count, vendor.Calls.Select(call => call.TokenHash).Distinct().Count());
        foreach (var (before, after) in vendor.Calls.GroupBy(call => call.Key).SelectMany(same => same.OrderBy(call => call.At).Zip(same.OrderBy(call => call.At).Skip(1))))
        {
            Assert.True(before.WasTurnedDown || attempts[after.TokenHash].Began >= attempts[before.TokenHash].Deadline, $"{after.Subject} was called again at {after.At:O}, though the call at {before.At:O} was accepted.");
        }

        // Everybody has the answer for his own company, and nobody had it before it was there.
        Assert.Equal(batches * Size.Companies * PeopleEach, await store.NumberAsync($"select count(*) from workflow_states where stage = {Stage} and status = 3"));
        Assert.Equal(batches * Size.Companies * PeopleEach, await store.NumberAsync(
            $"""
            select count(*)
              from enrichment_results r
              join enrichment_results a on a.batch = (r.source >> 32)::int and a.item = (r.source & 4294967295)::int and a.stage = 1 and a.created_at <= r.created_at
              join workflow_states k on k.batch = r.batch and k.item = r.item and k.stage = 2
              join enrichment_results s on s.batch = r.batch and s.item = r.item and s.stage = 2 and s.attempt = k.result_attempt
             where r.stage = {Stage} and r.data ->> 'company.size' = 'company of ' || (s.data ->> 'company.key')
            """));
    }
}
