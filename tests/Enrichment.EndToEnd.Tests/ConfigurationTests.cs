using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What a host's configuration says of the engine's options.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public void A_configured_value_wins_over_code_and_others_stay()
    {
        using var host = Build(
            e => e.AddWorker(new() { MaxConcurrentCalls = 200, ClaimSize = 50 }),
            ("Worker:MaxConcurrentCalls", "20"),
            ("worker:lease", "00:01:00"));

        var options = host.Services.GetRequiredService<WorkerOptions>();

        Assert.Equal(new() { MaxConcurrentCalls = 20, ClaimSize = 50, Lease = TimeSpan.FromMinutes(1) }, options);
    }

    [Fact]
    public void A_key_that_the_host_adds_after_it_described_the_engine_counts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddEnrichment(e => e.UseSqlite(":memory:").Configure(builder.Configuration.GetSection("Enrichment")));
        builder.Configuration.AddInMemoryCollection([new("Enrichment:Worker:ClaimSize", "7")]);
        using var host = builder.Build();

        Assert.Equal(7, host.Services.GetRequiredService<WorkerOptions>().ClaimSize);
    }

    [Fact]
    public async Task A_host_names_every_key_that_is_wrong_when_it_starts()
    {
        using var host = Build(
            e => e.AddWorker(),
            ("Worker:MaxConcurentCalls", "20"),
            ("Worker:Lease", "soon"),
            ("Worker:ClaimSize", "0"),
            ("Worker:KeepExceptionMessages:Always", "true"),
            ("Retention:Interval", "00:10:00"),
            ("Callbacks:Address", "leads.example.com"),
            ("Callbacks:BodyTimeout", "1.00:00:00"),
            ("Wroker", "x"));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => host.StartAsync());

        Assert.Equal(
            """
            The engine cannot start: 8 problems.
            1. Enrichment:Worker:Lease: expected a time such as 00:00:30, or 90.00:00:00 for 90 days, got 'soon'.
            2. Enrichment:Worker:KeepExceptionMessages: expected one value, got a section.
            3. Enrichment:Worker:MaxConcurentCalls: there is no such option. Did you mean 'MaxConcurrentCalls' or 'MaxConcurrentClaims'?
            4. Enrichment:Worker:ClaimSize: expected 1 to 10000, got 0.
            5. Enrichment:Retention:Keep: expected how long ended batches are kept, at least 1 day, such as 90.00:00:00; got 00:00:00. To prune younger batches now and then, call PruneAsync.
            6. Enrichment:Callbacks:Address: 'leads.example.com' cannot be used. Expected an absolute http or https address without query and fragment, such as https://leads.example.com/callbacks.
            7. Enrichment:Callbacks:BodyTimeout: expected 1 second to 5 minutes, got 1.00:00:00.
            8. Enrichment:Wroker: there is no such option. Did you mean 'Worker'?
            """.ReplaceLineEndings("\n"),
            refused.Message);
    }

    [Fact]
    public void An_engine_without_a_host_refuses_a_configuration_that_cannot_be_used()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Enrichment:Worker:ClaimSize", "many")]).Build();

        var refused = Assert.Throws<EnrichmentException>(() =>
            EnrichmentEngine.Create(e => e.UseSqlite(":memory:").Configure(configuration.GetSection("Enrichment"))));

        Assert.EndsWith("Enrichment:Worker:ClaimSize: expected a whole number, got 'many'.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(WorkerOptions), "Worker")]
    [InlineData(typeof(RetentionOptions), "Retention")]
    [InlineData(typeof(CallbackOptions), "Callbacks")]
    public async Task Every_option_can_be_configured(Type options, string section)
    {
        var names = options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).ToList();
        using var host = Build(e => e.AddWorker(), [.. names.Select(name => ($"{section}:{name}", "?"))]);

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => host.StartAsync());

        Assert.DoesNotContain("there is no such option", refused.Message, StringComparison.Ordinal);
    }

    private static IHost Build(Action<EnrichmentBuilder> describe, params IEnumerable<(string Key, string Value)> configured)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            configured.Select(pair => KeyValuePair.Create($"Enrichment:{pair.Key}", (string?)pair.Value)));
        builder.Services.AddEnrichment(e => describe(e.UseSqlite(":memory:").Configure(builder.Configuration.GetSection("Enrichment"))));
        return builder.Build();
    }
}
