using System.Globalization;
using System.Text.RegularExpressions;

namespace Enrichment.Consolidation;

/// <summary>
/// Days and instants in the year-first notation, the only one that reads alike everywhere. A year or a month alone is no day: nothing is
/// invented.
/// </summary>
internal static partial class CellDate
{
    /// <summary>The day as written, before any time and offset.</summary>
    public static object? Date(string text) => Form().IsMatch(text) ? Day(text) : null;

    /// <summary>The instant in UTC; a time without an offset is taken as UTC. Digits beyond the microsecond are dropped.</summary>
    public static object? Timestamp(string text)
    {
        var match = Form().Match(text);
        if (!match.Success
            || !match.Groups["hour"].Success
            || Day(text) is not { } day
            || (match.Groups["hh"].Success && day.Year is 1 or 9999))
        {
            return null;
        }

        var microseconds = match.Groups["fraction"].Value.PadRight(6, '0')[..6];
        var offset = TimeSpan.FromMinutes((Number(match.Groups["hh"]) * 60) + Number(match.Groups["mm"]));
        return new DateTimeOffset(
            day,
            new(Number(match.Groups["hour"]), Number(match.Groups["minute"]), Number(match.Groups["second"])),
            TimeSpan.Zero)
            .AddTicks(int.Parse(microseconds, CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond)
            .Add(match.Groups["sign"].Value == "-" ? offset : -offset);
    }

    private static DateOnly? Day(string text)
    {
        var (year, month, day) = (Number(text, 0, 4), Number(text, 5, 2), Number(text, 8, 2));
        return year > 0 && day <= DateTime.DaysInMonth(year, month) ? new DateOnly(year, month, day) : null;
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    private static int Number(string text, int start, int length) => int.Parse(text.AsSpan(start, length), CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^[0-9]{4}(-(0[1-9]|1[0-2])-|/(0[1-9]|1[0-2])/)(0[1-9]|[12][0-9]|3[01])" +
        @"([T ](?<hour>[01][0-9]|2[0-3]):(?<minute>[0-5][0-9])(:(?<second>[0-5][0-9])(\.(?<fraction>[0-9]{1,9}))?)?" +
        @"(Z|(?<sign>[+-])(?<hh>0[0-9]|1[0-4])(:?(?<mm>[0-5][0-9]))?)?)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
