using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// Ten people at each company, and a vendor who may be asked for a company once, answers later, and fails in 5 of 100 calls: with hosts
/// that die.
/// </summary>
public sealed class EntityTests
{
    private const int Seed = 20_262;
    private const int Hosts = 4;
    private const int Kills = 8;
    private const int PeopleEach = 10;

    // Normalised and split before; the ask itself is the one stage of its own batch.
    private const int Stage = 3;
    private const string Asks = "1";

    private const string Known =
        "select coalesce(sum(r.completed), 0) from ranges r join batches b on b.batch = r.batch and b.entity_requests";

    [Fact]
    public async Task Hosts_that_are_killed_often_request_each_company_once_and_complete_no_waiter_before_it()
    {
        var random = new Random(Seed);
        await using var store = await ChaosStore.CreateAsync("postgres");
        await using var vendor = await Vendor.StartAsync(Seed, VendorManners.FewErrors);
        var supply = new Supply(
            LeadsEngine.Employers,
            File,
            Size.FreshCompanies * PeopleEach,
            $"select coalesce(sum(items), 0) - {PeopleEach} * ({Known}) from batches where not entity_requests");
        await using var journey = await LeadJourney.LaunchAsync(store, supply, Size.Companies * PeopleEach);
        await using var hosts = await ReceivingHosts.StartAsync(store, vendor, Hosts);
        for (var landed = 0; landed < Kills;)
        {
            // Spread over the first half of the first batch. Who waits for a dead host's call is served by another.
            await journey.UntilAsync(
                "companies are known",
                async () => await store.NumberAsync(Known) >= Size.Companies * landed / (2 * Kills),
                hosts);
            var dead = await hosts.KillAsync(journey, random, Asks);
            landed += dead.Hits;
            await hosts.StartAgainAsync(dead.Hosts);
            await journey.HoldAsync(false);
        }

        await journey.EndAsync(vendor, hosts);
        await AuditAsync(journey, vendor, supply.Items / PeopleEach, supply.Items);
        var calls = vendor.Calls.Count;

        await LaunchAgainAsync(store, supply);
        await journey.EndAsync(vendor, hosts);
        await hosts.TerminateAsync();

        Assert.Equal(calls, vendor.Calls.Count);
        await AuditAsync(journey, vendor, supply.Items / PeopleEach, 2 * supply.Items);
    }

    /// <summary>Everybody once more, in one batch.</summary>
    private static async Task LaunchAgainAsync(ChaosStore store, Supply supply)
    {
        await using var engine = EnrichmentEngine.Create(e => LeadsEngine.Describe(e, store.Connection));
        var client = engine.Client("acme");
        var upload = await client.StageAsync(
            string.Join('\n', supply.Files.SelectMany(file => file.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Distinct()));
        await client.LaunchAsync(upload.Id, new() { Pipeline = LeadsEngine.Employers });
    }

    private static string File(int batch, int items)
    {
        var csv = new StringBuilder("Company Name,Email\n");
        for (var item = 0; item < items; item++)
        {
            csv.Append(
                CultureInfo.InvariantCulture,
                $" Company {batch}-{item % (items / PeopleEach)} ,person-{batch}-{item}@example.com\n");
        }

        return csv.ToString();
    }

    private static async Task AuditAsync(LeadJourney journey, Vendor vendor, int companies, int people)
    {
        var store = journey.Store;
        Assert.Empty(await journey.ExamineAsync());
        Assert.Equal(0, await store.NumberAsync("select count(*) from attempts where outcome is null"));
        Assert.Equal(0, await store.NumberAsync("select count(*) from entity_waiters"));

        // One call for a company, and the same key whenever it had to be repeated.
        var keys = vendor.Calls.Select(call => (call.Key, call.Subject)).Distinct().ToList();
        Assert.Equal(companies, keys.Count);
        Assert.Equal(companies, keys.Select(known => known.Key).Distinct().Count());
        Assert.Equal(companies, keys.Select(known => known.Subject).Distinct().Count());

        // Every call has an attempt that was begun before it; it is repeated after an answer that no work was done, or after its deadline.
        var attempts = (
            await store.QueryAsync("select encode(token, 'hex'), started_at, deadline_at from attempts where token is not null")).ToDictionary(
            row => (string)row[0]!,
            row => (Began: new DateTimeOffset((DateTime)row[1]!), Deadline: new DateTimeOffset((DateTime)row[2]!)));
        Assert.All(vendor.Calls, call => Assert.True(attempts[call.TokenHash].Began < call.At));
        Assert.Equal(vendor.Calls.Count, vendor.Calls.Select(call => call.TokenHash).Distinct().Count());
        foreach (
            var (before, after) in vendor
                .Calls.GroupBy(call => call.Key)
                .SelectMany(same => same.OrderBy(call => call.At).Zip(same.OrderBy(call => call.At).Skip(1))))
        {
            Assert.True(
                before.WasTurnedDown || attempts[after.TokenHash].Began >= attempts[before.TokenHash].Deadline,
                $"{after.Subject} was called again at {after.At:O}, though the call at {before.At:O} was accepted.");
        }

        // Everybody has the answer for his own company, and nobody had it before it was there.
        Assert.Equal(people, await store.NumberAsync($"select count(*) from workflow_states where stage = {Stage} and status = 3"));
        Assert.Equal(people, await store.NumberAsync(
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
