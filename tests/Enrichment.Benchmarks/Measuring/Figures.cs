using System.Text.Json.Nodes;

namespace Enrichment.Benchmarks.Measuring;

/// <summary>Named numbers of one run, in the order in which they are shown.</summary>
internal sealed class Figures : List<KeyValuePair<string, double>>
{
    public double this[string name]
    {
        get =>
            Find(pair => pair.Key == name) is { Key: not null } pair
                ? pair.Value
                : throw new KeyNotFoundException($"There is no figure '{name}'.");
        set
        {
            var index = FindIndex(pair => pair.Key == name);
            if (index < 0)
            {
                Add(new(name, value));
            }
            else
            {
                this[index] = new(name, value);
            }
        }
    }

    /// <summary>Each figure's median over several runs.</summary>
    public static Figures Median(IReadOnlyList<Figures> runs)
    {
        var median = new Figures();
        foreach (var (name, _) in runs[0])
        {
            var values = runs.Select(run => run[name]).Order().ToList();
            median[name] =
                values.Count % 2 == 1 ? values[values.Count / 2] : (values[(values.Count / 2) - 1] + values[values.Count / 2]) / 2;
        }

        return median;
    }

    public JsonObject ToJson() =>
        new(
            this.Select(pair =>
                KeyValuePair.Create<string, JsonNode?>(pair.Key, double.IsFinite(pair.Value) ? double.Round(pair.Value, 6) : null)));
}
