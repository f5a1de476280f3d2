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
        Assert.Equal("enrichment-schema Healthy, enrichment-store Healthy, enrichment-worker Healthy", await HealthAsync(host));

        await cluster.StopAsync();
        Assert.Equal("enrichment-schema Unhealthy, enrichment-store Unhealthy, enrichment-worker Healthy", await HealthAsync(host));

        await cluster.StartAgainAsync();
        Assert.Equal("enrichment-schema Healthy, enrichment-store Healthy, enrichment-worker Healthy", await HealthAsync(host));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_host_whose_store_has_no_tables_yet_is_unready()
    {
        using var host = Build(e => e.UseSqlite(":memory:"));
        await host.StartAsync();
        Assert.Equal("enrichment-schema Unhealthy, enrichment-store Healthy, enrichment-worker Healthy", await HealthAsync(host));

        await host.Services.GetRequiredService<EnrichmentEngine>().MigrateAsync();
        Assert.Equal("enrichment-schema Healthy, enrichment-store Healthy, enrichment-worker Healthy", await HealthAsync(host));
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
            ["enrichment-worker live", "enrichment-store ready", "enrichment-schema ready"],
            checks.Select(check => $"{check.Name} {check.Tags.Single()}"));
    }

    private static IHost Build(Action<EnrichmentBuilder> describe)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHealthChecks().AddEnrichmentHealthChecks();
        builder.Services.AddEnrichment(e => describe(e.AddStep<DomainStep>().AddPipeline("domains", p => p.Step("test.domain"))));
        return builder.Build();
    }

    private static async Task<string> HealthAsync(IHost host) =>
        string.Join(
            ", ",
            (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync())
                .Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => $"{entry.Key} {entry.Value.Status}"));
}
