namespace Enrichment.Drift;

/// <summary>
/// Compares the answers of a batch with earlier ones. A change is told if it is large enough to matter, and if chance does not explain it:
/// over all places of a batch, chance alone tells less than one in a thousand batches.
/// </summary>
/// <param name="before">Profiles of earlier batches.</param>
/// <param name="accepted">Changes that were accepted: below such a place only batches from then on count.</param>
/// <param name="now">The batch's profile.</param>
internal sealed class DriftComparison(
    IReadOnlyList<(int Batch, AnswerProfile Profile)> before,
    IReadOnlyList<(string Path, int Since)> accepted,
    AnswerProfile now)
{
    // Of a batch that is as the earlier ones, shared among its places and the three ways in which each may differ.
    private const double FalseAlarms = 0.001 / 3;

    // Below these a change is true, but nobody acts on it.
    private const double LeastNew = 0.01;
    private const double LeastVanished = 0.2;
    private const double LeastDifference = 0.1;

    private readonly HashSet<string> folded = [.. before.Select(earlier => earlier.Profile).Append(now).SelectMany(FoldedPlaces)];
    private readonly bool beforeIsCut = before.Any(earlier => earlier.Profile.IsCut);
    private readonly List<DetectedDrift> found = [];
    private double chance;

    public IReadOnlyList<DetectedDrift> Find()
    {
        string[] paths = [.. before.SelectMany(earlier => earlier.Profile.Paths.Keys).Union(now.Paths.Keys)];
        Array.Sort(paths, StringComparer.Ordinal);
        chance = FalseAlarms / paths.Length;
        foreach (var path in paths.Where(IsComparable))
        {
            Compare(path);
        }

        return [.. found.Select(WithCounterpart)];
    }

    private static IEnumerable<string> FoldedPlaces(AnswerProfile profile) =>
        profile.Paths.Keys
            .Where(path => path.EndsWith("/" + AnswerPlace.Values, StringComparison.Ordinal))
            .Select(path => path[..^(AnswerPlace.Values.Length + 1)]);

    // What is below a changed place changed with it. Below an object whose names are data, only the folded place can be compared.
    private bool IsComparable(string path) =>
        Above(path).All(above => found.TrueForAll(drift => drift.Path != above))
        && Above(path).Where(folded.Contains).Select(Folded).All(place =>
            (path == place || path.StartsWith(place + "/", StringComparison.Ordinal))
            && now.Paths.ContainsKey(place) && before.Any(earlier => earlier.Profile.Paths.ContainsKey(place)));

    private static string Folded(string path) => $"{path}/{AnswerPlace.Values}";

    private static IEnumerable<string> Above(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash >= 0; slash = path.LastIndexOf('/'))
        {
            path = path[..slash];
            yield return path;
        }
    }

    private void Compare(string path)
    {
        var since = accepted.Where(change => path == change.Path || path.StartsWith(change.Path + "/", StringComparison.Ordinal))
            .Select(change => change.Since)
            .DefaultIfEmpty(int.MinValue)
            .Max();
        var (answers, had) = (0, new PathCount());
        string[] within = [.. Above(path).Where(folded.Contains).Select(Folded)];
        foreach (var (_, profile) in before.Where(earlier => earlier.Batch >= since && within.All(earlier.Profile.Paths.ContainsKey)))
        {
            answers += profile.Answers;
            if (profile.Paths.TryGetValue(path, out var count))
            {
                had.Add(count);
            }
        }

        if (answers == 0)
        {
            return;
        }

        var has = now.Paths.GetValueOrDefault(path) ?? new();
        if (had.Present == 0)
        {
            if (!beforeIsCut && IsNew(has.Present, answers))
            {
                Add(DriftKind.NewPath, path, "", (0, answers, has.Present), has.Usual, null, has.Sample);
            }
        }
        else if (has.Present == 0)
        {
            if (!now.IsCut && had.Present >= LeastVanished * answers && AllFirst(had.Present, answers, now.Answers) <= chance)
            {
                Add(DriftKind.VanishedPath, path, "", (had.Present, answers, 0), had.Usual, had.Usual, had.Sample);
            }
        }
        else
        {
            CompareKinds(path, had, answers, has);
            CompareFilling(path, had, answers, has);
        }
    }

    private void CompareKinds(string path, PathCount had, int answers, PathCount has)
    {
        foreach (var kind in Enum.GetValues<JsonKind>().Where(kind => kind != JsonKind.Null && had.Kinds[(int)kind] == 0))
        {
            if (had.Usual != JsonKind.Null && IsNew(has.Kinds[(int)kind], answers))
            {
                Add(
                    DriftKind.NewKind,
                    path,
                    kind.Word(),
                    (0, answers, has.Kinds[(int)kind]),
                    kind,
                    had.Usual,
                    has.Samples[(int)kind]);
            }
        }
    }

    private void CompareFilling(string path, PathCount had, int answers, PathCount has)
    {
        // All answers count where a table has counted them in this batch and in earlier ones; else those of the sample.
        var (ofBefore, filledBefore, of, filledNow) = had.All > 0 && has.All > 0
            ? (had.All, had.FilledOfAll, has.All, has.FilledOfAll)
            : (answers, had.Filled, now.Answers, has.Filled);
        var (rateBefore, rateNow) = ((double)filledBefore / ofBefore, (double)filledNow / of);
        if (Math.Abs(rateBefore - rateNow) < LeastDifference)
        {
            return;
        }

        // At most this far from the mean, but for the chance: Chernoff's bound of the normal distribution.
        var z = Math.Sqrt(-2 * Math.Log(chance));
        var (lowBefore, highBefore) = Interval(filledBefore, ofBefore, z);
        var (lowNow, highNow) = Interval(filledNow, of, z);
        if (lowNow > highBefore || highNow < lowBefore)
        {
            var detail = rateNow > rateBefore ? "up" : "down";
            Add(
                DriftKind.FillRate,
                path,
                detail,
                (filledBefore, ofBefore, filledNow),
                has.Usual,
                had.Usual,
                has.Sample ?? had.Sample,
                of);
        }
    }

    private void Add(
        DriftKind kind,
        string path,
        string detail,
        (int SeenBefore, int Before, int SeenNow) counts,
        JsonKind value,
        JsonKind? valueBefore,
        string? sample,
        int? of = null) => found.Add(new(
            kind,
            path,
            detail,
            new()
            {
                SeenBefore = counts.SeenBefore,
                Before = counts.Before,
                SeenNow = counts.SeenNow,
                Now = of ?? now.Answers,
                Kind = value,
                KindBefore = valueBefore,
            },
            sample));

    private bool IsNew(int seen, int answers) =>
        seen > 0 && seen >= LeastNew * now.Answers && AllFirst(seen, now.Answers, answers) <= chance;

    /// <summary>How probable it is that all answers with a mark are in the first group, if marks are spread by chance.</summary>
    private static double AllFirst(int marked, int first, int second)
    {
        var probability = 1.0;
        for (var i = 0; i < marked && probability > double.Epsilon; i++)
        {
            probability *= (double)(first - i) / (first + second - i);
        }

        return probability;
    }

    /// <summary>Wilson's interval of a rate.</summary>
    private static (double Low, double High) Interval(int seen, int answers, double z)
    {
        var (rate, square) = ((double)seen / answers, z * z / answers);
        var middle = (rate + (square / 2)) / (1 + square);
        var half = z / (1 + square) * Math.Sqrt((rate * (1 - rate) / answers) + (square / (4 * answers)));
        return (middle - half, middle + half);
    }

    // A place that vanished and one that appeared beside it, alike in kind and filling, and no other pair like them.
    private DetectedDrift WithCounterpart(DetectedDrift drift)
    {
        var pairs = found.Where(other => Match(drift, other)).ToList();
        return pairs is [var pair] && found.Count(other => Match(pair, other)) == 1
            ? drift with { Evidence = drift.Evidence with { Counterpart = pair.Path } }
            : drift;
    }

    private static bool Match(DetectedDrift one, DetectedDrift other) =>
        (one.Kind, other.Kind) is (DriftKind.NewPath, DriftKind.VanishedPath) or (DriftKind.VanishedPath, DriftKind.NewPath)
        && one.Evidence.Kind == other.Evidence.Kind
        && one.Path[..one.Path.LastIndexOf('/')] == other.Path[..other.Path.LastIndexOf('/')]
        && Math.Abs(Rate(one.Evidence) - Rate(other.Evidence)) <= LeastDifference;

    private static double Rate(DriftEvidence evidence) =>
        Math.Max((double)evidence.SeenBefore / evidence.Before, (double)evidence.SeenNow / evidence.Now);
}
