using System.Diagnostics.Metrics;
using Enrichment.Diagnostics;
using Enrichment.Hosting;
using Enrichment.Scheduling;
using Enrichment.Steps;
using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What the gauges tell, and which host tells it.</summary>
public sealed class BacklogGaugesTests
{
    private const string Waiting = "enrichment.items.waiting";
    private const string Oldest = "enrichment.items.oldest";
    private const string Breakers = "enrichment.breakers.open";

    private readonly FakeClock clock = new();

    [Fact]
    public async Task Gauges_equal_what_the_store_counts_until_the_host_stops()
    {
        using var heard = new Measurements();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
                context.Is("Busy") ? StepOutcome.RateLimited("slow down", TimeSpan.FromHours(1)) : context.Named()))),
            ["Acme", "Busy", "Initech"],
            e => e.Services.AddSingleton<IMeterFactory>(heard));
        var paused = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted", Key = "paused" });
        await bench.Client.PauseAsync(paused.Id);
        var busy = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted", Key = "busy" });
        using var stop = new CancellationTokenSource();
        var running = bench.Engine.RunAsync(stop.Token);

        await Wait.UntilAsync(
            () => heard.Observe(Waiting) == "reason=paused: 3\nreason=rate_limit: 1",
            log: () => heard.Observe(Waiting));

        Assert.Equal(3, (await bench.Client.GetProgressAsync(paused.Id)).Stages[0].Counts.Pending);
        Assert.Equal(1, (await bench.Client.GetProgressAsync(busy.Id)).Stages[0].Counts.Pending);
        Assert.Equal((": 0", ": 0"), (heard.Observe(Oldest), heard.Observe(Breakers)));
        await stop.CancelAsync();
        await running;
        Assert.Equal("", heard.Observe(Waiting));
    }

    [Fact]
    public async Task One_host_of_two_reports_and_the_other_does_once_that_has_ended()
    {
        await using var engine = await StartAsync();
        using var firstHeard = new Measurements();
        using var secondHeard = new Measurements();
        using var firstMeter = new Telemetry(clock, firstHeard);
        using var secondMeter = new Telemetry(clock, secondHeard);
        var first = Gauges(engine.Store, "first", firstMeter);
        var second = Gauges(engine.Store, "second", secondMeter);
        clock.Advance(TimeSpan.FromMinutes(5));

        await first.ReadAsync(default);
        await second.ReadAsync(default);
        Assert.Equal(("reason=due: 3", ": 300", ": 0"), Told(firstHeard));
        Assert.Equal(("", "", ""), Told(secondHeard));

        // A host that did not get the lease tries again after a third of it, and one that has it renews it.
        clock.Advance(TestEngine.Quick.Lease / 2);
        await first.ReadAsync(default);
        await second.ReadAsync(default);
        Assert.Equal("reason=due: 3", firstHeard.Observe(Waiting));
        Assert.Equal("", secondHeard.Observe(Waiting));

        await first.EndAsync(default);
        clock.Advance(TestEngine.Quick.Lease / 2);
        await second.ReadAsync(default);
        Assert.Equal("", firstHeard.Observe(Waiting));
        Assert.Equal("reason=due: 3", secondHeard.Observe(Waiting));
    }

    [Fact]
    public async Task A_value_that_is_no_longer_read_is_told_no_more()
    {
        await using var engine = await StartAsync();
        using var heard = new Measurements();
        using var meter = new Telemetry(clock, heard);
        var gauges = Gauges(engine.Store, "host", meter);
        await gauges.ReadAsync(default);
        clock.Advance(gauges.Wait + TestEngine.Quick.Lease);
        Assert.Equal("reason=due: 3", heard.Observe(Waiting));

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(("", "", ""), Told(heard));
    }

    [Fact]
    public async Task Nothing_is_read_while_nobody_listens()
    {
        await using var engine = await StartAsync();
        var store = new CountedStore(engine.Store);
        using var telemetry = new Telemetry(clock);
        var gauges = Gauges(store, "host", telemetry);

        await gauges.ReadAsync(default);
        await gauges.EndAsync(default);

        Assert.Equal(0, store.Calls);
    }

    private static (string Waiting, string Oldest, string Breakers) Told(Measurements heard) =>
        (heard.Observe(Waiting), heard.Observe(Oldest), heard.Observe(Breakers));

    private async Task<EnrichmentEngine> StartAsync()
    {
        var engine = await TestEngine.StartAsync(e => e
            .UseSqlite(":memory:", new() { Clock = clock })
            .AddStep<DomainStep>()
            .AddPipeline("domains", p => p.Step("test.domain")));
        await engine.Client("acme").LaunchAsync(TestEngine.Companies(3), "domains");
        return engine;
    }

    private BacklogGauges Gauges(IEnrichmentStore store, string owner, Telemetry telemetry) =>
        new(store, store, new WorkerRun(owner, () => TestEngine.Quick, new(clock, NullLogger.Instance, telemetry)));

    private sealed class CountedStore(IEnrichmentStore real) : StoreDouble(real)
    {
        public int Calls { get; private set; }

        protected override void On(string operation) => Calls++;
    }
}
