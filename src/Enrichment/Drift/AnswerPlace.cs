namespace Enrichment.Drift;

/// <summary>A place in the answers of a step, with the places below it.</summary>
internal sealed class AnswerPlace
{
    public const string Elements = "*";

    public const string Values = "{}";

    private readonly AnswerMarks present = new();
    private readonly AnswerMarks filled = new();
    private readonly AnswerMarks?[] kinds = new AnswerMarks?[Enum.GetValues<JsonKind>().Length];
    private readonly string?[] samples = new string?[Enum.GetValues<JsonKind>().Length];

    /// <summary>The places below: names of an object, or <see cref="Elements"/>, or <see cref="Values"/>.</summary>
    public Dictionary<string, AnswerPlace> Below { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a value of a kind has yet to be kept as a sample.</summary>
    public bool Lacks(JsonKind kind) => samples[(int)kind] is null;

    public void Keep(JsonKind kind, string sample) => samples[(int)kind] = sample;

    public void Mark(int answer, JsonKind kind, bool isFilled)
    {
        present.Add(answer);
        (kinds[(int)kind] ??= new()).Add(answer);
        if (isFilled)
        {
            filled.Add(answer);
        }
    }

    /// <summary>Makes all names below one place. Returns how many places there are fewer.</summary>
    public int Fold()
    {
        var folded = new AnswerPlace();
        var fewer = Below.Values.ToList().Sum(folded.Take);
        Below.Clear();
        Below.Add(Values, folded);
        return fewer - 1;
    }

    public PathCount ToCount()
    {
        var count = new PathCount { Present = present.Count, Filled = filled.Count };
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            count.Kinds[kind] = kinds[kind]?.Count ?? 0;
            count.Samples[kind] = samples[kind];
        }

        return count;
    }

    // Returns how many places of the other have become a part of one that was there, itself included.
    private int Take(AnswerPlace other)
    {
        present.Add(other.present);
        filled.Add(other.filled);
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            samples[kind] ??= other.samples[kind];
            if (other.kinds[kind] is { } marks)
            {
                (kinds[kind] ??= new()).Add(marks);
            }
        }

        var fewer = 1;
        foreach (var (name, place) in other.Below)
        {
            if (Below.TryGetValue(name, out var known))
            {
                fewer += known.Take(place);
            }
            else
            {
                Below.Add(name, place);
            }
        }

        return fewer;
    }
}
