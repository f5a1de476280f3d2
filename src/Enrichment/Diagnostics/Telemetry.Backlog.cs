using System.Diagnostics.Metrics;
using Enrichment.Storage;

namespace Enrichment.Diagnostics;

/// <content>The gauges. Only one host reports them at a time, from what it read last.</content>
internal sealed partial class Telemetry
{
    private readonly Instrument[] gauges;
    private Reported? reported;

    /// <summary>Whether anything listens to the gauges.</summary>
    public bool WantsBacklog => Array.Exists(gauges, gauge => gauge.Enabled);

    /// <summary>What the gauges tell from now on.</summary>
    /// <param name="backlog">What waits; null: another host reports it, or nobody listens.</param>
    /// <param name="validFor">After this time it is told no more, so that a store that is away does not leave an old value.</param>
    public void Report(Backlog? backlog, TimeSpan validFor = default) =>
        Volatile.Write(ref reported, backlog is null ? null : new(backlog, time.GetTimestamp(), validFor));

    private Instrument[] CreateGauges(Meter meter) =>
    [
        meter.CreateObservableGauge<long>(
            "enrichment.items.waiting",
            () => Current is { } backlog
                ? backlog.Waiting.Select(waiting => new Measurement<long>(waiting.Items, Because(waiting.Reason)))
                : [],
            "{item}",
            "Items that wait, by what they wait for. One host reports it."),
        meter.CreateObservableGauge<double>(
            "enrichment.items.oldest",
            () => Current is { } backlog ? [new Measurement<double>(backlog.Oldest.TotalSeconds)] : [],
            "s",
            "How long the item has been due that is due longest. One host reports it."),
        meter.CreateObservableGauge<long>(
            "enrichment.breakers.open",
            () => Current is { } backlog ? [new Measurement<long>(backlog.OpenBreakers)] : [],
            "{limit}",
            "Limits at which calls pause because the vendor failed too often. One host reports it."),
    ];

    private Backlog? Current =>
        Volatile.Read(ref reported) is { } last && time.GetElapsedTime(last.At) <= last.ValidFor ? last.Backlog : null;

    private static KeyValuePair<string, object?> Because(string reason) => new(TelemetryNames.Reason, reason);

    private sealed record Reported(Backlog Backlog, long At, TimeSpan ValidFor);
}
