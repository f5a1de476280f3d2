using Enrichment.Testing;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What a host answers when it is asked whether it lives and is ready.</summary>
public sealed class HealthCheckTests
{
    [Fact]
    public async Task A_host_is_unready_while_PostgreSQL_is_away_and_ready_once_it_is_back()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        using var host = Build(e => e.UsePostgreSql(cluster.ConnectionString).AddWorker());
        await host.StartAsync();
        Assert.Equal("backlog Healthy, schema Healthy, store Healthy, worker Healthy", await HealthAsync(host));

        await cluster.StopAsync();
        Assert.Equal("backlog Degraded, schema Unhealthy, store Unhealthy, worker Healthy", await HealthAsync(host));

        await cluster.StartAgainAsync();
        Assert.Equal("backlog Healthy, schema Healthy, store Healthy, worker Healthy", await HealthAsync(host));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_host_whose_store_has_no_tables_yet_is_unready()
    {
        using var host = Build(e => e.UseSqlite(":memory:"));
        await host.StartAsync();
        Assert.Equal("backlog Degraded, schema Unhealthy, store Healthy, worker Healthy", await HealthAsync(host));

        await host.Services.GetRequiredService<EnrichmentEngine>().MigrateAsync();
        Assert.Equal("backlog Healthy, schema Healthy, store Healthy, worker Healthy", await HealthAsync(host));
        await host.StopAsync();
    }

    [Fact]
    public void The_checks_are_tagged_by_what_they_are_asked_for()
    {
        using var host = Build(e => e.UseSqlite(":memory:"));

        var checks = host
            .Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<HealthCheckServiceOptions>>()
            .Value.Registrations;

        Assert.Equal(
            ["enrichment-worker live", "enrichment-store ready", "enrichment-schema ready", "enrichment-backlog backlog"],
            checks.Select(check => $"{check.Name} {check.Tags.Single()}"));
    }

    [Fact]
    public async Task Work_that_no_host_takes_degrades_the_backlog_until_a_host_takes_it()
    {
        var clock = new FakeClock();
        using var host = Build(e => e.UseSqlite(":memory:", new() { Clock = clock }), TimeSpan.FromHours(1));
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        await engine.Client("acme").LaunchAsync(TestEngine.Companies(["Acme"]), "domains");
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("backlog Healthy, schema Healthy, store Healthy, worker Healthy", await HealthAsync(host));

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("backlog Degraded, schema Healthy, store Healthy, worker Healthy", await HealthAsync(host));

        await engine.RunUntilDrainedAsync();
        Assert.Equal("backlog Healthy, schema Healthy, store Healthy, worker Healthy", await HealthAsync(host));
    }

    [Fact]
    public void A_backlog_without_patience_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ServiceCollection().AddHealthChecks().AddEnrichmentHealthChecks(backlogPatience: TimeSpan.Zero));

    private static IHost Build(Action<EnrichmentBuilder> describe, TimeSpan? patience = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHealthChecks().AddEnrichmentHealthChecks(backlogPatience: patience);
        builder.Services.AddEnrichment(e => describe(e.AddStep<DomainStep>().AddPipeline("domains", p => p.Step("test.domain"))));
        return builder.Build();
    }

    private static async Task<string> HealthAsync(IHost host) =>
        string.Join(
            ", ",
            (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync())
                .Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => $"{entry.Key["enrichment-".Length..]} {entry.Value.Status}"));
}
