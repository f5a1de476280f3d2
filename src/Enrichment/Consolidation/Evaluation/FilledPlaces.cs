using System.Text.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Of the results of a batch, by stage: how many were read, and how many have a value at each place that is declared.</summary>
internal sealed class FilledPlaces
{
    private readonly SortedDictionary<short, Stage> stages = [];

    /// <summary>The counts by stage.</summary>
    public IReadOnlyDictionary<short, Stage> Stages => stages;

    /// <summary>Adds what was counted of a stage.</summary>
    public void Add(short stage, int answers, IEnumerable<(string Path, int Filled)> places)
    {
        var known = stages.GetValueOrDefault(stage) ?? new(0, new(StringComparer.Ordinal));
        foreach (var (path, filled) in places)
        {
            known.Filled[path] = known.Filled.GetValueOrDefault(path) + filled;
        }

        stages[stage] = known with { Answers = known.Answers + answers };
    }

    public string ToJson() => JsonSerializer.Serialize(stages);

    /// <summary>Reads what <see cref="ToJson"/> wrote; nothing is no counts.</summary>
    public static FilledPlaces FromJson(string? json)
    {
        var places = new FilledPlaces();
        foreach (var (number, stage) in JsonSerializer.Deserialize<Dictionary<short, Stage>>(json ?? "{}")!)
        {
            places.Add(number, stage.Answers, stage.Filled.Select(place => (place.Key, place.Value)));
        }

        return places;
    }

    /// <summary>The counts of a stage.</summary>
    /// <param name="Answers">How many results were read that have something.</param>
    /// <param name="Filled">By pointer, how many of them have a value there.</param>
    internal sealed record Stage(int Answers, SortedDictionary<string, int> Filled);
}
