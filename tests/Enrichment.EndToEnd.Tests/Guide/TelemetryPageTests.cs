using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Enrichment.EndToEnd.Tests.Guide;

/// <summary>The code that docs/reference/telemetry.md shows.</summary>
public sealed class TelemetryPageTests
{
    [Fact]
    public async Task OpenTelemetry_hears_metrics_and_spans_of_a_host()
    {
        List<Metric> metrics = [];
        using var spans = new Heard();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddEnrichment(e => e
            .UseSqlite(":memory:")
            .AddStep<DomainStep>()
            .AddStep<SizeStep>()
            .AddPipeline("sizes", p => p.Step("test.domain").Step("test.size"))
            .AddWorker());
        Add(builder);
        builder.Services.ConfigureOpenTelemetryMeterProvider(provider => provider.AddInMemoryExporter(metrics));
        builder.Services.ConfigureOpenTelemetryTracerProvider(provider => provider.AddProcessor(spans));
        using var host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<EnrichmentEngine>().Client("acme");

        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes("Company Name,Website\nAcme,https://acme.example.com\n")), "apollo_scrape");
        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "sizes" });
        await client.WatchAsync(batch.Id).LastAsync();
        await host.StopAsync();
        host.Services.GetRequiredService<MeterProvider>().Shutdown(); // Nothing is added to the list any more.

        // Other tests of the process have meters and spans of the same names.
        var names = metrics.Select(metric => metric.Name).ToHashSet();
        Assert.Superset(new HashSet<string> { "enrichment.attempts", "enrichment.commit.duration", "enrichment.items.settled", "enrichment.rows.staged", "enrichment.step.duration" }, names);
        Assert.Equal(
            ["call test.size", "launch sizes", "process test.domain", "process test.size"],
            spans.Ended.Where(span => span.GetTagItem("batch") is Guid id && id == batch.Id).Select(span => span.DisplayName).Distinct().Order(StringComparer.Ordinal));
    }

    private static void Add(HostApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("Enrichment"))
            .WithTracing(tracing => tracing.AddSource("Enrichment"));
        builder.Services.AddHealthChecks().AddEnrichmentHealthChecks();
    }

    private sealed class Heard : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data) => Ended.Enqueue(data);
    }
}
