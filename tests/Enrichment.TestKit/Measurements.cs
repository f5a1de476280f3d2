using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Enrichment.TestKit;

/// <summary>
/// Keeps what one engine measures, whatever others in the process do: pass it as the engine's <see cref="IMeterFactory"/>.
/// </summary>
public sealed class Measurements : IMeterFactory
{
    private readonly List<Meter> meters = [];
    private readonly ConcurrentQueue<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> heard = [];
    private readonly MeterListener listener;

    public Measurements()
    {
        listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Scope == this)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        meters.Add(meter);
        return meter;
    }

    /// <summary>How often an instrument was used.</summary>
    public int Count(string name) => heard.Count(one => one.Name == name);

    /// <summary>The sums of a counter, a line for each set of tags, in order.</summary>
    public string Sums(string name) => string.Join('\n', heard.Where(one => one.Name == name)
        .GroupBy(one => string.Join(' ', one.Tags.Select(tag => $"{tag.Key}={tag.Value}")), one => one.Value)
        .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key}: {group.Sum()}")).Order(StringComparer.Ordinal));

    /// <summary>What a gauge tells now, a line for each set of tags, in order; empty if it tells nothing.</summary>
    public string Observe(string name)
    {
        var before = Count(name);
        listener.RecordObservableInstruments();
        return string.Join('\n', heard.Where(one => one.Name == name).Skip(before).Select(Line).Order(StringComparer.Ordinal));

        static string Line((string Name, double Value, KeyValuePair<string, object?>[] Tags) one) => string.Create(
            CultureInfo.InvariantCulture,
            $"{string.Join(' ', one.Tags.Select(tag => $"{tag.Key}={tag.Value}"))}: {one.Value}");
    }

    // The tags of the meter tell engines apart.
    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        heard.Enqueue((instrument.Name, value, [.. instrument.Meter.Tags ?? [], .. tags]));

    public void Dispose()
    {
        listener.Dispose();
        meters.ForEach(meter => meter.Dispose());
    }
}
