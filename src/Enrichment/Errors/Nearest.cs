namespace Enrichment;

/// <summary>Names that someone may have meant.</summary>
internal static class Nearest
{
    // Names of the engine are at most as long; anything longer is no slip of the fingers.
    private const int LongestName = 100;

    /// <summary>A sentence that begins with a blank and suggests the nearest names; empty if no name is near.</summary>
    public static string Hint(string name, IEnumerable<string> known)
    {
        var near = Of(name, known);
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near.Select(n => $"'{n}'"))}?";
    }

    /// <summary>At most three names, the nearest first: those with few edits between, and those of which one contains the other.</summary>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > LongestName)
        {
            return [];
        }

        var allowed = Math.Max(2, name.Length / 3);
        return
        [
            .. known
                .Distinct(StringComparer.Ordinal)
                .Select(candidate => (candidate, distance: Distance(name, candidate)))
                .Where(c =>
                    c.distance <= allowed
                    || (name.Length > 2
                        && (c.candidate.Contains(name, StringComparison.OrdinalIgnoreCase)
                            || name.Contains(c.candidate, StringComparison.OrdinalIgnoreCase))))
                .OrderBy(c => c.distance)
                .ThenBy(c => c.candidate, StringComparer.Ordinal)
                .Take(3)
                .Select(c => c.candidate),
        ];
    }

    /// <summary>
    /// The name from which this one differs by no more than two letters, or in case alone: probably the same name. Null if there is none.
    /// </summary>
    public static string? Slip(string name, IEnumerable<string> known) =>
        Of(name, known) is [var near, ..] && Distance(name, near) <= 2 ? near : null;

    /// <summary>
    /// How many letters must be put in, taken out, changed, or swapped with their neighbour (optimal string alignment); case does not
    /// count.
    /// </summary>
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }

                var change = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                var best = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + change);
                var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                table[i, j] = swapped ? Math.Min(best, table[i - 2, j - 2] + 1) : best;
            }
        }

        return table[a.Length, b.Length];
    }
}
