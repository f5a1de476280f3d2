namespace Enrichment.Consolidation.Expressions;

/// <summary>Named buckets in their order. A value is kept as the rank of its bucket, from 0, and shown as the bucket's label.</summary>
internal sealed class BucketScale
{
    private const int MaxLabels = 1000;

    private readonly Dictionary<string, int> ranks = new(StringComparer.Ordinal);

    /// <param name="name">How expressions name it.</param>
    /// <param name="order">The labels, the lowest first.</param>
    /// <param name="map">Labels for other texts.</param>
    /// <param name="upTo">For numbers: the greatest number of a bucket, and its label. A greater number than all has no bucket.</param>
    public BucketScale(
        string name,
        IReadOnlyList<string> order,
        IReadOnlyDictionary<string, string> map,
        IReadOnlyList<(decimal Most, string Label)> upTo)
    {
        (Name, Labels, Map, UpTo) = (name, order, map, upTo);
        foreach (var (rank, label) in order.Index())
        {
            ranks.TryAdd(label, rank);
        }

        foreach (var (text, label) in map)
        {
            ranks.TryAdd(text, ranks.GetValueOrDefault(label));
        }
    }

    public string Name { get; }

    /// <summary>The labels by rank.</summary>
    public IReadOnlyList<string> Labels { get; }

    public IReadOnlyDictionary<string, string> Map { get; }

    public IReadOnlyList<(decimal Most, string Label)> UpTo { get; }

    /// <summary>What is wrong with it.</summary>
    public IEnumerable<string> Problems()
    {
        var name = Excerpt.Of(Name);
        if (Name.Length is 0 or > 63 || Labels.Count is 0 or > MaxLabels)
        {
            yield return $"The buckets '{name}' need a name of at most 63 characters, and 1 to {MaxLabels} labels in their order.";
        }

        foreach (var label in Labels.Concat(Map.Keys).Where(text => string.IsNullOrWhiteSpace(text) || text.Trim() != text))
        {
            yield return $"The buckets '{name}' have the text '{Excerpt.Of(label)}': remove the blanks around it.";
        }

        foreach (var label in Labels.GroupBy(label => label, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"The buckets '{name}' have '{Excerpt.Of(label.Key)}' twice: keep one.";
        }

        foreach (var label in Map.Values.Concat(UpTo.Select(bound => bound.Label)).Except(Labels).Distinct(StringComparer.Ordinal))
        {
            yield return $"The buckets '{name}' have no label '{Excerpt.Of(label)}', which map or upTo names.{Nearest.Hint(label, Labels)} Add it to the order.";
        }

        foreach (var text in Map.Keys.Intersect(Labels))
        {
            yield return $"The buckets '{name}' map '{Excerpt.Of(text)}', which is a label: remove it from map.";
        }

        if (UpTo.Zip(UpTo.Skip(1)).Any(pair => pair.First.Most >= pair.Second.Most))
        {
            yield return $"The numbers of upTo of the buckets '{name}' do not rise: write the lowest first.";
        }
    }

    /// <summary>The rank of a text; null if no bucket has it.</summary>
    public int? RankOf(string text) => ranks.TryGetValue(text.Trim(), out var rank) ? rank : null;

    /// <summary>The rank of a number; null if no bucket has it.</summary>
    public int? RankOf(decimal number)
    {
        foreach (var (most, label) in UpTo)
        {
            if (number <= most)
            {
                return RankOfLabel(label);
            }
        }

        return null;
    }

    /// <summary>The rank of a label; null if it is none.</summary>
    public int? RankOfLabel(string label) => ranks.TryGetValue(label, out var rank) && Labels[rank] == label ? rank : null;
}
