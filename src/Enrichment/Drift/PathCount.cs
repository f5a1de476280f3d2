namespace Enrichment.Drift;

/// <summary>In how many answers a place is there, has a value, and has a value of each kind.</summary>
internal sealed class PathCount
{
    private static readonly JsonKind[] Every = Enum.GetValues<JsonKind>();

    /// <summary>How many answers have the place, be it with null.</summary>
    public int Present { get; set; }

    /// <summary>How many answers have a value there: not null, not blank, not empty.</summary>
    public int Filled { get; set; }

    /// <summary>How many answers of the batch there are, if a table has counted all of them at this place; else 0.</summary>
    public int All { get; set; }

    /// <summary>How many of all have a value there.</summary>
    public int FilledOfAll { get; set; }

    /// <summary>How many answers have a value of each kind there, by <see cref="JsonKind"/>.</summary>
    public int[] Kinds { get; } = new int[Every.Length];

    /// <summary>A value of each kind, at most 200 characters; null where none is known.</summary>
    public string?[] Samples { get; } = new string?[Every.Length];

    /// <summary>The kind that most answers have, null aside unless it is the only one.</summary>
    public JsonKind Usual => Every[..^1].MaxBy(kind => Kinds[(int)kind]) is var usual && Kinds[(int)usual] > 0 ? usual : JsonKind.Null;

    /// <summary>A value, of the usual kind if one is known.</summary>
    public string? Sample => Samples[(int)Usual] ?? Samples.FirstOrDefault(sample => sample is not null);

    /// <summary>Adds the counts of other answers.</summary>
    public void Add(PathCount other)
    {
        Present += other.Present;
        Filled += other.Filled;
        All += other.All;
        FilledOfAll += other.FilledOfAll;
        foreach (var kind in Every)
        {
            Kinds[(int)kind] += other.Kinds[(int)kind];
            Samples[(int)kind] ??= other.Samples[(int)kind];
        }
    }
}
