namespace Enrichment.Tests.Execution;

/// <summary>
/// Rules as a page shows them: a row a line, its cells between bars, its conditions before the arrow and what they lead to after it.
/// </summary>
/// <remarks>A condition names one value or several, or is a star for any. Each case has to meet exactly one row.</remarks>
internal sealed class RuleTable
{
    private readonly List<(string[] Conditions, string Result)> rows;

    public RuleTable(string text) =>
        rows =
        [
            .. text.Split('\n')
                .Skip(1)
                .Select(line => line.Split('→'))
                .Select(sides => (Cells(sides[0]), string.Join(" | ", Cells(sides[1])))),
        ];

    /// <summary>Plays every case and compares what comes of it with its row.</summary>
    /// <param name="cases">Every case there is, by its conditions.</param>
    /// <param name="play">What comes of a case, in the words of the table.</param>
    public void Hold<T>(IEnumerable<(T Case, string[] Conditions)> cases, Func<T, string> play)
    {
        var met = new HashSet<string[]>();
        List<string> faults = [];
        foreach (var (one, conditions) in cases)
        {
            var matching = rows.Where(row => row.Conditions.Zip(conditions, Meets).All(met => met)).ToList();
            matching.ForEach(row => met.Add(row.Conditions));
            var expected = matching.Count == 1 ? matching[0].Result : $"{matching.Count} rows of the table";
            var actual = play(one);
            if (actual != expected)
            {
                faults.Add($"{string.Join(", ", conditions)}: {actual}, and not {expected}");
            }
        }

        faults.AddRange(
            rows.Where(row => !met.Contains(row.Conditions)).Select(row => $"{string.Join(", ", row.Conditions)}: no case meets this row"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static string[] Cells(string side) => [.. side.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];

    private static bool Meets(string condition, string value) => condition == "*" || condition.Split(", ").Contains(value);
}
