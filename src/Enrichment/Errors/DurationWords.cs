using System.Globalization;

namespace Enrichment;

/// <summary>A length of time as people say it: <c>20 s</c>, <c>1 min 30 s</c>, <c>2 h</c>, <c>7 days</c>.</summary>
internal static class DurationWords
{
    private const int MostUnits = 2;

    /// <summary>The two largest units that it has.</summary>
    public static string Of(TimeSpan time)
    {
        var words = ((int Count, string Unit)[])
            [
                (time.Days, Math.Abs(time.Days) == 1 ? "day" : "days"),
                (time.Hours, "h"),
                (time.Minutes, "min"),
                (time.Seconds, "s"),
                (time.Milliseconds, "ms"),
            ];
        var said = words
            .Where(part => part.Count != 0)
            .Take(MostUnits)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Count} {part.Unit}"));
        return string.Join(' ', said) is { Length: > 0 } text ? text : "0 s";
    }
}
