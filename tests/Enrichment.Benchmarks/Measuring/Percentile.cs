namespace Enrichment.Benchmarks.Measuring;

/// <summary>Percentiles by the nearest rank: always a value that was seen.</summary>
internal static class Percentile
{
    /// <param name="values">At least one.</param>
    /// <param name="percent">Above 0, up to 100.</param>
    public static double Of(IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToList();
        return sorted[(int)Math.Ceiling(sorted.Count * percent / 100) - 1];
    }
}
