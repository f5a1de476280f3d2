using System.Diagnostics.Metrics;
using Enrichment.Diagnostics;
using Enrichment.TestKit;

namespace Enrichment.Tests.Diagnostics;

/// <summary>What dashboards go by.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public void The_names_of_the_instruments_are_the_approved_ones()
    {
        using var meters = new Meters();
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    var kind = instrument.GetType();
                    names.Add(
                        $"{instrument.Name}, {kind.Name.Split('`')[0]} of {kind.GenericTypeArguments[0].Name} in {instrument.Unit}: {instrument.Description}");
                }
            },
        };
        listener.Start();

        using var telemetry = new Telemetry(TimeProvider.System, meters);

        Snapshot.Match(string.Join('\n', names));
    }

    [Fact]
    public void Nothing_is_timed_while_nobody_listens()
    {
        using var meters = new Meters();
        using var telemetry = new Telemetry(TimeProvider.System, meters);

        Assert.Equal(0, telemetry.BeginClaim());
        Assert.Equal(0, telemetry.BeginCommit());
        Assert.Equal(0, telemetry.BeginLimitWait());
    }

    /// <summary>Meters of this test alone.</summary>
    private sealed class Meters : IMeterFactory
    {
        private readonly List<Meter> made = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            made.Add(new(options));
            return made[^1];
        }

        public void Dispose() => made.ForEach(meter => meter.Dispose());
    }
}
